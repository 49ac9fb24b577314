import type { NodeDescription } from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import { isControlError } from "../control/errors.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import type { LeaderPort, SessionClosed } from "./leader-port.ts";
import { CLOSE_REPORT_ATTEMPTS_MAX } from "./limits.ts";

/** An open session, as the leader is told of it. */
export interface ReportedSession {
  readonly nodeId: string;
  readonly sessionId: string;
  readonly description: NodeDescription;
}

/** Tells the leader which sessions this manager holds, until it knows, whoever leads. */
export interface SessionReporter {
  /** A session is open, or its description changed. */
  opened(session: ReportedSession): void;
  closed(session: ReportedSession, reason: SessionClosed["reason"]): void;
  /** Says all open sessions again: for a new leader. Resolves when it knows them, or a later call took over. */
  announce(): Promise<void>;
  stop(): void;
}

export function createSessionReporter(options: {
  readonly managerId: string;
  readonly leader: Omit<LeaderPort, "reportStatuses">;
  readonly clock: Clock;
}): SessionReporter {
  return new Reporter(options);
}

interface Entry {
  session: ReportedSession;
  open: boolean;
  /** Settles when nothing about this session is on its way. */
  told: Promise<void>;
}

class Reporter implements SessionReporter {
  readonly #managerId: string;
  readonly #leader: Omit<LeaderPort, "reportStatuses">;
  readonly #clock: Clock;
  /** By session id. */
  readonly #entries = new Map<string, Entry>();
  readonly #backoffs = new Set<Backoff>();
  #announcement = 0;
  #announcing = 0;
  #stopped = false;

  constructor(options: {
    readonly managerId: string;
    readonly leader: Omit<LeaderPort, "reportStatuses">;
    readonly clock: Clock;
  }) {
    this.#managerId = options.managerId;
    this.#leader = options.leader;
    this.#clock = options.clock;
  }

  opened(session: ReportedSession): void {
    const known = this.#entries.get(session.sessionId);
    const entry = known ?? { session, open: true, told: Promise.resolve() };
    entry.session = session;
    this.#entries.set(session.sessionId, entry);
    const before = entry.told;
    entry.told = before.then(() => this.#tellOpened(entry, session));
  }

  closed(session: ReportedSession, reason: SessionClosed["reason"]): void {
    const entry = this.#entries.get(session.sessionId);
    if (entry === undefined) return;
    entry.open = false;
    this.#entries.delete(session.sessionId);
    void entry.told.then(() => this.#tellClosed(session, reason));
  }

  async announce(): Promise<void> {
    const turn = ++this.#announcement;
    this.#announcing += 1;
    await this.#untilTold(
      () => {
        const open = [...this.#entries.values()];
        return this.#leader.announceSessions({
          managerId: this.#managerId,
          sessions: open.map(({ session: { nodeId, sessionId } }) => ({ nodeId, sessionId })),
        });
      },
      () => turn === this.#announcement,
    );
    this.#announcing -= 1;
  }

  stop(): void {
    this.#stopped = true;
    for (const backoff of this.#backoffs) backoff.cancel();
  }

  async #tellOpened(entry: Entry, session: ReportedSession): Promise<void> {
    const { nodeId, sessionId, description } = session;
    const message = {
      managerId: this.#managerId,
      nodeId,
      sessionId,
      description,
      address: description.address,
    };
    await this.#untilTold(
      () => this.#leader.sessionOpened(message),
      () => entry.open && entry.session === session,
    );
  }

  /** After many failures an announcement, one for all such sessions, says that it is over: it is not in there. */
  async #tellClosed(session: ReportedSession, reason: SessionClosed["reason"]): Promise<void> {
    const { nodeId, sessionId } = session;
    const message = { managerId: this.#managerId, nodeId, sessionId, reason };
    let attempts = 0;
    const isTold = await this.#untilTold(
      () => this.#leader.sessionClosed(message),
      () => ++attempts < CLOSE_REPORT_ATTEMPTS_MAX,
    );
    if (!isTold && this.#announcing === 0) await this.announce();
  }

  /** False if it was given up. */
  async #untilTold(tell: () => Promise<void>, stillTrue: () => boolean): Promise<boolean> {
    const backoff = createBackoff(this.#clock);
    this.#backoffs.add(backoff);
    try {
      while (!this.#stopped) {
        try {
          await tell();
          return true;
        } catch (error) {
          if (isControlError(error) && error.code === "not-found") return true;
        }
        await backoff.pause();
        if (!stillTrue()) return false;
      }
      return false;
    } finally {
      this.#backoffs.delete(backoff);
    }
  }
}
