import type { ChangeEvent, Node, SwarmStore, Transaction } from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import { ControlError } from "../control/errors.ts";
import type { SessionObserver } from "../dispatcher/leader-desk.ts";
import type { SessionClosed, SessionOpened, SessionsAnnounced } from "../dispatcher/leader-port.ts";
import { writeHalved } from "../internal/write-halved.ts";
import { silentLogger, type Logger } from "../logger.ts";
import { decide, type Verdict } from "./decide.ts";
import type { GossipPort } from "./gossip-port.ts";
import { NODES_PER_TRANSACTION_MAX, WRITE_RETRY_DELAY_MS } from "./limits.ts";
import { NodeRecord } from "./node-record.ts";
import { resolveLivenessOptions, type LivenessOptions } from "./options.ts";

/** What {@link createNodeMonitor} works on. */
export interface NodeMonitorOptions {
  readonly store: SwarmStore;
  readonly clock: Clock;
  readonly gossip: GossipPort;
  readonly options?: Partial<LivenessOptions>;
  /** Default: none. */
  readonly logger?: Logger;
}

/**
 * Marks nodes down, on the leader only. It hears of sessions from the leader's desk; the desk marks nodes ready.
 */
export interface NodeMonitor extends SessionObserver {
  /** This manager leads from now on. Nothing of an earlier term is remembered. */
  start(): void;
  /** It does not any more. */
  stop(): void;
}

/** @throws ControlError `invalid-argument` for options that make no sense. */
export function createNodeMonitor(options: NodeMonitorOptions): NodeMonitor {
  return new Monitor(options);
}

const NONE: ReadonlySet<string> = new Set();

/** Whether the state has the node as a manager: a member of the Raft group, or one that is about to be written down so. */
function isManager(node: Node | undefined): boolean {
  return node !== undefined && (node.manager !== undefined || node.spec.role === "manager");
}

class Monitor implements NodeMonitor {
  readonly #store: SwarmStore;
  readonly #clock: Clock;
  readonly #gossip: GossipPort;
  readonly #options: LivenessOptions;
  readonly #logger: Logger;
  readonly #records = new Map<string, NodeRecord>();
  /** Managers that hold, or have held, a session: few, so that a dying worker costs no look at every record. */
  readonly #managerIds = new Set<string>();
  /** Nodes found down and not yet written. */
  readonly #condemned = new Set<string>();
  #leadingSinceMs = 0;
  #unsubscribe: (() => void) | undefined;
  #cancelRetry: () => void = () => undefined;
  #writing = false;

  constructor({ store, clock, gossip, options, logger = silentLogger }: NodeMonitorOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#gossip = gossip;
    this.#options = resolveLivenessOptions(options);
    this.#logger = logger;
  }

  start(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#leadingSinceMs = this.#clock.now();
    const fromStore = this.#store.subscribe((event) => this.#onEvent(event));
    const fromGossip = this.#gossip.subscribe((nodeId) => this.#onGossip(nodeId));
    this.#unsubscribe = () => {
      fromStore();
      fromGossip();
    };
    this.#judgeAll();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#cancelRetry();
    this.#cancelRetry = () => undefined;
    for (const record of this.#records.values()) record.cancelTimer();
    this.#records.clear();
    this.#managerIds.clear();
    this.#condemned.clear();
  }

  sessionOpened(session: Pick<SessionOpened, "managerId" | "nodeId" | "sessionId">): void {
    this.#requireLeading();
    const { managerId, nodeId, sessionId } = session;
    this.#requireManager(managerId);
    if (this.#store.view().get("node", nodeId) === undefined) return;
    this.#managerIds.add(managerId);
    this.#recordOf(nodeId).opened(sessionId, managerId, this.#clock.now());
    this.#judge(nodeId);
  }

  sessionClosed({ nodeId, sessionId, reason }: SessionClosed): void {
    this.#requireLeading();
    if (this.#store.view().get("node", nodeId) === undefined) return;
    this.#recordOf(nodeId).closed(sessionId, reason, this.#clock.now());
    if (reason === "lost") this.#gossip.probeNow(nodeId);
    this.#judge(nodeId);
  }

  sessionsAnnounced({ managerId, sessions }: SessionsAnnounced): void {
    this.#requireLeading();
    this.#requireManager(managerId);
    this.#closeAllAt(managerId, new Set(sessions.map(({ sessionId }) => sessionId)));
    for (const { nodeId, sessionId } of sessions) {
      this.sessionOpened({ managerId, nodeId, sessionId });
    }
  }

  #requireLeading(): void {
    if (this.#unsubscribe === undefined) {
      throw new ControlError("no-leader", "this manager does not lead");
    }
  }

  /** What comes late from one that is no manager any more must not open sessions that nobody will ever close. */
  #requireManager(nodeId: string): void {
    if (isManager(this.#store.view().get("node", nodeId))) return;
    throw new ControlError("unavailable", `node ${nodeId} is no manager`);
  }

  #closeAllAt(managerId: string, still: ReadonlySet<string>): void {
    if (!this.#managerIds.has(managerId)) return;
    for (const [nodeId, record] of this.#records) {
      if (record.closedAt(managerId, still, this.#clock.now())) this.#judge(nodeId);
    }
  }

  /** One that was demoted or removed ends its sessions, but may be unable to tell. */
  #closeAtFormer(managerIds: Iterable<string>): void {
    const view = this.#store.view();
    for (const managerId of managerIds) {
      if (isManager(view.get("node", managerId))) continue;
      this.#closeAllAt(managerId, NONE);
      this.#managerIds.delete(managerId);
    }
  }

  #onGossip(nodeId: string): void {
    const state = this.#gossip.stateOf(nodeId);
    const node = this.#store.view().get("node", nodeId);
    if (node === undefined) return;
    this.#recordOf(nodeId).heard(state, this.#clock.now());
    // A dead manager cannot tell that its sessions ended.
    if (state === "dead" || state === "left") this.#closeAllAt(nodeId, NONE);
    this.#judge(nodeId);
  }

  #onEvent({ changes, restored }: ChangeEvent): void {
    if (restored) {
      this.#closeAtFormer(this.#managerIds);
      this.#judgeAll();
      return;
    }
    for (const { type, object } of changes) {
      if (object.kind !== "node") continue;
      if (this.#managerIds.has(object.id)) this.#closeAtFormer([object.id]);
      if (type === "delete") this.#forget(object.id);
      else this.#judge(object.id);
    }
  }

  #judgeAll(): void {
    const view = this.#store.view();
    for (const nodeId of [...this.#records.keys()]) {
      if (view.get("node", nodeId) === undefined) this.#forget(nodeId);
    }
    for (const node of view.list("node")) this.#judge(node.id);
  }

  #forget(nodeId: string): void {
    this.#records.get(nodeId)?.cancelTimer();
    this.#records.delete(nodeId);
    this.#condemned.delete(nodeId);
  }

  #recordOf(nodeId: string): NodeRecord {
    let record = this.#records.get(nodeId);
    if (record === undefined) {
      record = new NodeRecord(this.#gossip.stateOf(nodeId), this.#leadingSinceMs);
      this.#records.set(nodeId, record);
    }
    return record;
  }

  #verdictOn(node: Node): Verdict {
    const facts = this.#recordOf(node.id).facts(node, this.#leadingSinceMs);
    return decide(facts, this.#clock.now(), this.#options);
  }

  #judge(nodeId: string): void {
    const node = this.#store.view().get("node", nodeId);
    if (node === undefined) return;
    const verdict = this.#verdictOn(node);
    const record = this.#recordOf(nodeId);
    record.cancelTimer();
    if (verdict.type === "down") {
      this.#condemned.add(nodeId);
      void this.#writeDown();
    } else if (verdict.wakeAtMs !== undefined) {
      const delayMs = Math.max(0, verdict.wakeAtMs - this.#clock.now());
      record.cancelTimer = this.#clock.setTimer(delayMs, () => this.#judge(nodeId));
    }
  }

  /** What is found while one transaction is under way goes together into the next. */
  async #writeDown(): Promise<void> {
    if (this.#writing) return;
    this.#writing = true;
    this.#cancelRetry();
    while (this.#unsubscribe !== undefined && this.#condemned.size > 0) {
      const nodeIds = [...this.#condemned].slice(0, NODES_PER_TRANSACTION_MAX);
      for (const id of nodeIds) this.#condemned.delete(id);
      try {
        await writeHalved(nodeIds, (part) =>
          this.#store.update((tx) => part.forEach((id) => this.#markDown(tx, id))),
        );
      } catch (error) {
        for (const id of nodeIds) this.#condemned.add(id);
        this.#logger.warn({ error, nodes: nodeIds.length }, "nodes could not be marked down yet");
        this.#retryLater();
        break;
      }
    }
    this.#writing = false;
  }

  #markDown(tx: Transaction, nodeId: string): void {
    const node = tx.get("node", nodeId);
    if (node === undefined) return;
    // The node may have come back since it was condemned.
    const verdict = this.#verdictOn(node);
    if (verdict.type === "keep") return;
    tx.update({ ...node, status: { ...node.status, state: "down", message: verdict.message } });
  }

  #retryLater(): void {
    if (this.#unsubscribe === undefined) return;
    this.#cancelRetry = this.#clock.setTimer(WRITE_RETRY_DELAY_MS, () => void this.#writeDown());
  }
}
