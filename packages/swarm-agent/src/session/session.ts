import { decodeDispatcherMessage, encodeAgentMessage } from "@waggle/swarm-state";
import type {
  AgentMessage,
  DispatcherMessage,
  ManagerPeer,
  NodeDescription,
} from "@waggle/swarm-state";
import type { AgentClock, AgentTimer } from "../clock.ts";
import { AgentError } from "../errors.ts";
import { textOf } from "../internal/text.ts";
import { SESSION_OPEN_TIMEOUT_MS } from "../limits.ts";
import type { DialManager, SessionConnection } from "./connection.ts";

/** Messages that may come once a session is open. */
export type SessionMessage = Exclude<DispatcherMessage, { readonly type: "accepted" | "refused" }>;

/** What the owner of a session does with what happens in it. */
export interface SessionHandlers {
  readonly onOpened: (
    session: Session,
    accepted: Extract<DispatcherMessage, { type: "accepted" }>,
  ) => void;
  readonly onMessage: (session: Session, message: SessionMessage) => void;
}

/** An open session. */
export interface Session {
  /** Queues a message; a failure ends the session. */
  send(message: AgentMessage): void;
  /** Ends the session at once, for that reason. */
  abandon(reason: string): void;
  /** Lets what was sent leave, then ends the session. */
  close(): Promise<void>;
}

export type SessionOutcome =
  | { readonly kind: "lost"; readonly opened: boolean; readonly reason: string }
  | { readonly kind: "refused"; readonly fatal: boolean; readonly reason: string };

export interface SessionOptions {
  readonly manager: ManagerPeer;
  readonly nodeId: string;
  readonly description: NodeDescription;
  readonly dial: DialManager;
  readonly clock: AgentClock;
  readonly handlers: SessionHandlers;
  /** Cuts the session. */
  readonly signal: AbortSignal;
}

/** Runs one session from dialling to its end; never rejects. */
export async function runSession(options: SessionOptions): Promise<SessionOutcome> {
  const { manager, clock, signal } = options;
  const giveUp = new AbortController();
  const timer = clock.setTimer(SESSION_OPEN_TIMEOUT_MS, () => giveUp.abort());
  try {
    const both = AbortSignal.any([signal, giveUp.signal]);
    const connection = await dialWithin(options, both);
    timer.cancel();
    return await new OpenSession(options, connection).run();
  } catch (error) {
    const reason = giveUp.signal.aborted ? "dialling took too long" : textOf(error);
    return { kind: "lost", opened: false, reason: `${manager.address}: ${reason}` };
  } finally {
    timer.cancel();
  }
}

// A dialler that does not listen to its signal must not hold up the agent; what it opens too late is cut.
async function dialWithin(
  { dial, manager }: SessionOptions,
  signal: AbortSignal,
): Promise<SessionConnection> {
  signal.throwIfAborted();
  const dialled = dial(manager, { signal });
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = (): void => reject(new AgentError("not-running", "given up"));
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([dialled, aborted]);
  } catch (error) {
    dialled.then(
      (late) => late.destroy(),
      () => undefined,
    );
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

class OpenSession implements Session {
  readonly #options: SessionOptions;
  readonly #connection: SessionConnection;
  #opened = false;
  #outcome: SessionOutcome | undefined;
  #sending: Promise<void> = Promise.resolve();
  #answerTimer: AgentTimer | undefined;

  constructor(options: SessionOptions, connection: SessionConnection) {
    this.#options = options;
    this.#connection = connection;
  }

  async run(): Promise<SessionOutcome> {
    const { clock, signal, nodeId, description } = this.#options;
    const onAbort = (): void => this.abandon("the agent ended the session");
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    this.#answerTimer = clock.setTimer(SESSION_OPEN_TIMEOUT_MS, () =>
      this.abandon("no answer to hello"),
    );
    this.send({ type: "hello", nodeId, description });
    try {
      for await (const frame of this.#connection.frames) {
        if (this.#outcome !== undefined) break;
        this.#take(decodeDispatcherMessage(frame));
      }
      return this.#outcome ?? this.#lost("the connection was closed");
    } catch (error) {
      return this.#outcome ?? this.#lost(textOf(error));
    } finally {
      this.#answerTimer.cancel();
      signal.removeEventListener("abort", onAbort);
      this.#connection.destroy();
    }
  }

  send(message: AgentMessage): void {
    this.#sending = this.#sending
      .then(() => this.#connection.send(encodeAgentMessage(message)))
      .catch((error: unknown) => this.abandon(textOf(error)));
  }

  abandon(reason: string): void {
    this.#outcome ??= this.#lost(reason);
    this.#connection.destroy();
  }

  async close(): Promise<void> {
    this.#outcome ??= this.#lost("closed");
    await this.#sending;
    await this.#connection.close().catch(() => undefined);
  }

  #take(message: DispatcherMessage): void {
    switch (message.type) {
      case "accepted":
        if (this.#opened) throw protocolError("accepted twice");
        this.#opened = true;
        this.#answerTimer?.cancel();
        this.#options.handlers.onOpened(this, message);
        return;
      case "refused":
        this.#outcome ??= { kind: "refused", fatal: message.fatal, reason: message.reason };
        this.#connection.destroy();
        return;
      default:
        if (!this.#opened) throw protocolError(`${message.type} before accepted`);
        this.#options.handlers.onMessage(this, message);
    }
  }

  #lost(reason: string): SessionOutcome {
    return { kind: "lost", opened: this.#opened, reason };
  }
}

function protocolError(what: string): AgentError {
  return new AgentError("session-protocol", `the manager broke the session's protocol: ${what}`);
}
