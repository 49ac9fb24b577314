import type {
  ChangeEvent,
  ManagerPeer,
  Node,
  NodeDescription,
  SessionHello,
  SwarmStore,
} from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import { deepEqual } from "../internal/deep-equal.ts";
import { silentLogger, type Logger } from "../logger.ts";
import type { LeaderPort } from "./leader-port.ts";
import { SESSIONS_MAX } from "./limits.ts";
import type { SessionChannel } from "./session-channel.ts";
import { createSessionReporter, type SessionReporter } from "./session-reporter.ts";
import { Session, type SessionHooks } from "./session.ts";
import { createStatusBatcher, type PendingReport, type StatusBatcher } from "./status-batcher.ts";

/** What {@link createDispatcher} works on. */
export interface DispatcherOptions {
  /** Node id of this manager. The leader takes no report of a session from one that the state has not as a manager. */
  readonly managerId: string;
  readonly store: Pick<SwarmStore, "view" | "subscribe">;
  /** Raft's read barrier. A new session waits for it, so that it never starts from an old state. */
  readonly barrier: () => Promise<void>;
  readonly leader: LeaderPort;
  /**
   * The managers as agents should know them. Asked at the start, when the node of a manager changes, and at
   * {@link Dispatcher.managersChanged}; kept in between.
   */
  readonly managers: () => readonly ManagerPeer[];
  /** A fresh id for a session. */
  readonly newId: () => string;
  readonly clock: Clock;
  /** Default: none. */
  readonly logger?: Logger;
  /** Connections at once. Default 20,000; more are cut. */
  readonly sessionsMax?: number;
}

/** Serves the agents that are connected to this manager, leader or not. */
export interface Dispatcher {
  /** Serves one connection until it ends. */
  accept(channel: SessionChannel): void;
  /** Ids of the nodes with an open session here. */
  nodes(): readonly string[];
  /** Tells the leader all open sessions: to be called when another manager, or this one, begins to lead. */
  announce(): Promise<void>;
  /** Sends the managers to all sessions if they changed. Changes that the state shows are noticed without it. */
  managersChanged(): void;
  /** Closes all sessions; agents go to other managers. Final. */
  stop(): Promise<void>;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  return new AgentDispatcher(options);
}

class AgentDispatcher implements Dispatcher, SessionHooks {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly #options: DispatcherOptions;
  readonly #sessionsMax: number;
  readonly #batcher: StatusBatcher;
  readonly #reporter: SessionReporter;
  readonly #unsubscribe: () => void;
  /** Every connection, also those that wait for their hello. */
  readonly #sessions = new Map<Session, Promise<void>>();
  /** The open session of each node. */
  readonly #byNode = new Map<string, Session>();
  #managers: readonly ManagerPeer[];
  #stopped = false;

  constructor(options: DispatcherOptions) {
    const { clock, leader, managerId, logger = silentLogger } = options;
    this.#options = options;
    this.clock = clock;
    this.logger = logger;
    this.#sessionsMax = options.sessionsMax ?? SESSIONS_MAX;
    this.#batcher = createStatusBatcher({ leader, clock, logger });
    this.#reporter = createSessionReporter({ managerId, leader, clock });
    this.#managers = options.managers();
    this.#unsubscribe = options.store.subscribe((event) => this.#onEvent(event));
  }

  accept(channel: SessionChannel): void {
    if (this.#stopped || this.#sessions.size >= this.#sessionsMax) {
      channel.destroy();
      return;
    }
    const session = new Session(channel, this);
    const done = session.run().finally(() => this.#sessions.delete(session));
    this.#sessions.set(session, done);
  }

  nodes(): readonly string[] {
    return [...this.#byNode.keys()];
  }

  announce(): Promise<void> {
    return this.#reporter.announce();
  }

  managersChanged(): void {
    const managers = this.#options.managers();
    if (deepEqual(managers, this.#managers)) return;
    this.#managers = managers;
    for (const session of this.#byNode.values()) session.setManagers(managers);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#batcher.stop();
    const running = [...this.#sessions.values()];
    for (const session of [...this.#sessions.keys()]) session.drop();
    await Promise.all(running);
    this.#reporter.stop();
  }

  async admit(session: Session, hello: SessionHello): Promise<void> {
    try {
      await this.#options.barrier();
    } catch (error) {
      this.logger.warn({ error, nodeId: hello.nodeId }, "no session: the state may be old");
      session.refuse(false, "this manager has no contact with the leader");
      return;
    }
    if (!session.admitting || this.#stopped) return;
    const view = this.#options.store.view();
    if (view.get("node", hello.nodeId) === undefined) {
      session.refuse(true, "node not found");
      return;
    }
    const before = this.#byNode.get(hello.nodeId);
    session.accept(this.#options.newId(), this.#managers, view);
    this.#byNode.set(hello.nodeId, session);
    this.described(session, hello.description);
    // The newer one is open first: the leader never sees the node without a session.
    before?.drop();
  }

  report(report: PendingReport): Promise<void> {
    return this.#batcher.add(report);
  }

  described({ nodeId, sessionId }: Session, description: NodeDescription): void {
    this.#reporter.opened({ nodeId, sessionId, description });
  }

  ended(session: Session, reason: "bye" | "lost"): void {
    const { nodeId, sessionId, description } = session;
    if (this.#byNode.get(nodeId) === session) this.#byNode.delete(nodeId);
    if (sessionId === "" || description === undefined) return;
    this.#reporter.closed({ nodeId, sessionId, description }, reason);
  }

  #onEvent({ changes, restored }: ChangeEvent): void {
    if (restored) {
      this.#onRestored();
      return;
    }
    const touched = new Set<Session>();
    let managersChanged = false;
    for (const { type, object } of changes) {
      if (object.kind === "task") {
        const session = this.#byNode.get(object.nodeId);
        if (session?.note({ type, object }) === true) touched.add(session);
      } else if (object.kind === "node") {
        managersChanged ||= this.#isManager(object);
        if (type === "delete") this.#byNode.get(object.id)?.refuse(true, "node not found");
        // Someone decided that the node is gone. If it is not, it shows by coming back.
        else if (object.status.state === "down") this.#onDown(object.id);
      }
    }
    for (const session of touched) session.flush();
    if (managersChanged) this.managersChanged();
  }

  #onDown(nodeId: string): void {
    this.#byNode.get(nodeId)?.drop();
    // The leader has written this manager's sessions off with it.
    if (nodeId === this.#options.managerId) void this.announce();
  }

  /** Whether the node is a manager, or was one. */
  #isManager(node: Node): boolean {
    return node.manager !== undefined || this.#managers.some(({ nodeId }) => nodeId === node.id);
  }

  #onRestored(): void {
    const view = this.#options.store.view();
    for (const [nodeId, session] of [...this.#byNode]) {
      const node = view.get("node", nodeId);
      if (node === undefined) session.refuse(true, "node not found");
      else session.resync(view);
    }
    this.managersChanged();
  }
}
