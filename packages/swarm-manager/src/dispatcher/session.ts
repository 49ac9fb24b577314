import { decodeAgentMessage } from "@waggle/swarm-state";
import type {
  AgentMessage,
  Change,
  DispatcherMessage,
  ManagerPeer,
  NodeDescription,
  SessionHello,
  Task,
  View,
} from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import { createAssignmentSet, type AssignmentSet } from "./assignment-set.ts";
import { framesOf } from "./frames.ts";
import { ASSIGNMENTS_BATCH_MS, HELLO_TIMEOUT_MS, SEND_TIMEOUT_MS } from "./limits.ts";
import type { PendingReport } from "./status-batcher.ts";
import type { SessionChannel } from "./session-channel.ts";

/** What a session needs of its dispatcher. */
export interface SessionHooks {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Decides on a hello: calls `accept`, `refuse` or `drop` of the session. Never rejects. */
  admit(session: Session, hello: SessionHello): Promise<void>;
  /** Takes a report; resolves when there is room for the next. */
  report(report: PendingReport): Promise<void>;
  described(session: Session, description: NodeDescription): void;
  /** Called once, when the session is over. `bye`: the agent said so. */
  ended(session: Session, reason: "bye" | "lost"): void;
}

/**
 * One agent's connection. What is to be said waits in slots (newest managers, highest acknowledgement, changed tasks),
 * not in a queue, so a slow agent cannot make it grow.
 */
export class Session {
  readonly channel: SessionChannel;
  readonly #hooks: SessionHooks;
  readonly #cancelHelloTimer: () => void;
  #nodeId = "";
  #sessionId = "";
  #description: NodeDescription | undefined;
  #assignments: AssignmentSet = createAssignmentSet("");
  #opening: DispatcherMessage[] = [];
  #acknowledged = 0;
  #acknowledgedSent = 0;
  #managers: readonly ManagerPeer[] | undefined;
  #refusal: DispatcherMessage | undefined;
  #refusalSent = false;
  #assignmentsDueMs = 0;
  #cancelBatchTimer: (() => void) | undefined;
  #state: "new" | "admitting" | "open" | "ended" = "new";
  #sending = false;

  constructor(channel: SessionChannel, hooks: SessionHooks) {
    this.channel = channel;
    this.#hooks = hooks;
    this.#cancelHelloTimer = hooks.clock.setTimer(HELLO_TIMEOUT_MS, () => this.drop());
  }

  get nodeId(): string {
    return this.#nodeId;
  }

  get sessionId(): string {
    return this.#sessionId;
  }

  /** What the node last said of itself; present once the hello is in. */
  get description(): NodeDescription | undefined {
    return this.#description;
  }

  /** Reads until the channel ends. Never rejects. */
  async run(): Promise<void> {
    let reason: "bye" | "lost" = "lost";
    try {
      for await (const frame of this.channel.frames) {
        const message = decodeAgentMessage(frame);
        if (message.type === "bye") {
          reason = "bye";
          break;
        }
        await this.#receive(message);
        if (this.#state === "ended") break;
      }
    } catch (error) {
      if (this.#state !== "ended") {
        this.#hooks.logger.warn({ error, nodeId: this.#nodeId }, "a session broke");
      }
    }
    this.#end(reason);
    if (reason === "lost" && this.#refusal === undefined) this.channel.destroy();
    else await this.channel.close().catch(() => undefined);
  }

  /** Takes changes of tasks of this node in; {@link flush} after the last of an event. */
  note(change: Change & { readonly object: Task }): boolean {
    return this.#state === "open" && this.#assignments.note(change);
  }

  /** Everything anew, after the state itself was replaced. */
  resync(view: View): void {
    if (this.#state !== "open") return;
    this.#opening.push(this.#assignments.complete(view));
    this.flush();
  }

  setManagers(managers: readonly ManagerPeer[]): void {
    this.#managers = managers;
    this.flush();
  }

  /** Tells the agent why, then closes. */
  refuse(fatal: boolean, reason: string): void {
    this.#refusal ??= { type: "refused", fatal, reason };
    this.#end("lost");
    this.flush();
  }

  /** Cuts the connection; the agent comes back. */
  drop(): void {
    this.#end("lost");
    this.channel.destroy();
  }

  /** Sends what is due. */
  flush(): void {
    if (!this.#sending) void this.#pump();
  }

  async #receive(message: AgentMessage): Promise<void> {
    if (message.type === "hello") {
      await this.#open(message);
      return;
    }
    if (this.#state !== "open") {
      this.drop();
      return;
    }
    if (message.type === "description") {
      this.#description = message.description;
      this.#hooks.described(this, message.description);
    } else if (message.type === "status") {
      const { sequence, statuses } = message;
      await this.#hooks.report({
        statuses: statuses.map((status) => ({ nodeId: this.#nodeId, ...status })),
        written: () => this.#acknowledge(sequence),
      });
    }
  }

  async #open(hello: SessionHello): Promise<void> {
    if (this.#state !== "new") {
      this.drop();
      return;
    }
    this.#state = "admitting";
    this.#nodeId = hello.nodeId;
    this.#description = hello.description;
    this.#assignments = createAssignmentSet(hello.nodeId);
    await this.#hooks.admit(this, hello);
  }

  /** Whether the session still waits to be accepted. The dispatcher asks after it had to wait itself. */
  get admitting(): boolean {
    return this.#state === "admitting";
  }

  /** Opens the session: from now on it is told of changes, beginning with what `view` has. */
  accept(sessionId: string, managers: readonly ManagerPeer[], view: View): void {
    this.#state = "open";
    this.#sessionId = sessionId;
    this.#cancelHelloTimer();
    this.#opening = [{ type: "accepted", sessionId, managers }, this.#assignments.complete(view)];
    this.flush();
  }

  #acknowledge(sequence: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
    this.flush();
  }

  async #pump(): Promise<void> {
    this.#sending = true;
    try {
      for (let message = this.#next(); message !== undefined; message = this.#next()) {
        for (const frame of framesOf(message)) await this.#send(frame);
      }
    } catch (error) {
      if (this.#state !== "ended") {
        this.#hooks.logger.warn({ error, nodeId: this.#nodeId }, "an agent could not be told");
      }
      this.drop();
    } finally {
      this.#sending = false;
    }
    if (this.#refusal !== undefined) await this.channel.close().catch(() => undefined);
  }

  #next(): DispatcherMessage | undefined {
    if (this.#state === "ended") return this.#takeRefusal();
    if (this.#state !== "open") return undefined;
    const opening = this.#opening.shift();
    if (opening !== undefined) return opening;
    if (this.#acknowledged > this.#acknowledgedSent) {
      this.#acknowledgedSent = this.#acknowledged;
      return { type: "status-acknowledged", sequence: this.#acknowledged };
    }
    if (this.#managers !== undefined) {
      const managers = this.#managers;
      this.#managers = undefined;
      return { type: "managers", managers };
    }
    return this.#nextAssignments();
  }

  #takeRefusal(): DispatcherMessage | undefined {
    if (this.#refusalSent) return undefined;
    this.#refusalSent = true;
    return this.#refusal;
  }

  /** At once after a quiet time; else what gathers until the batch time is over goes in one message. */
  #nextAssignments(): DispatcherMessage | undefined {
    if (this.#assignments.waiting === 0) return undefined;
    const { clock } = this.#hooks;
    const waitMs = this.#assignmentsDueMs - clock.now();
    if (waitMs > 0) {
      this.#cancelBatchTimer ??= clock.setTimer(waitMs, () => {
        this.#cancelBatchTimer = undefined;
        this.#assignmentsDueMs = 0;
        this.flush();
      });
      return undefined;
    }
    const message = this.#assignments.take();
    // What did not fit one message follows at once.
    if (this.#assignments.waiting === 0)
      this.#assignmentsDueMs = clock.now() + ASSIGNMENTS_BATCH_MS;
    return message;
  }

  async #send(frame: Uint8Array): Promise<void> {
    const cancel = this.#hooks.clock.setTimer(SEND_TIMEOUT_MS, () => this.drop());
    try {
      await this.channel.send(frame);
    } finally {
      cancel();
    }
  }

  #end(reason: "bye" | "lost"): void {
    if (this.#state === "ended") return;
    const wasOpen = this.#state === "open";
    this.#state = "ended";
    this.#cancelHelloTimer();
    this.#cancelBatchTimer?.();
    this.#hooks.ended(this, wasOpen ? reason : "lost");
  }
}
