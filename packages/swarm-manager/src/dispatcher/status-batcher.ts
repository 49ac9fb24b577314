import type { Clock } from "../clock.ts";
import { isControlError } from "../control/errors.ts";
import type { Logger } from "../logger.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import type { LeaderPort, ReportedStatus } from "./leader-port.ts";
import {
  STATUS_BATCH_DELAY_MS,
  STATUS_BATCH_ITEMS_MAX,
  STATUS_ITEMS_PENDING_MAX,
} from "./limits.ts";

/** One report of one session on its way to the leader. */
export interface PendingReport {
  readonly statuses: readonly ReportedStatus[];
  /** Called once all its statuses, and all reported before, are in the replicated state. */
  readonly written: () => void;
}

/** Gathers the statuses of all sessions into batches; one batch is under way at a time, in order of arrival. */
export interface StatusBatcher {
  /** Resolves when the next report may be added: await it, that is the back-pressure. */
  add(report: PendingReport): Promise<void>;
  /** Drops what waits; agents repeat what was not acknowledged. */
  stop(): void;
}

export function createStatusBatcher(options: {
  readonly leader: Pick<LeaderPort, "reportStatuses">;
  readonly clock: Clock;
  readonly logger: Logger;
}): StatusBatcher {
  return new Batcher(options);
}

interface Batch {
  readonly statuses: readonly ReportedStatus[];
  readonly finished: readonly PendingReport[];
}

class Batcher implements StatusBatcher {
  readonly #leader: Pick<LeaderPort, "reportStatuses">;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #backoffs = new Set<Backoff>();
  #queue: PendingReport[] = [];
  /** How many statuses of the first report in the queue are already in a batch. */
  #taken = 0;
  #pendingItems = 0;
  #sending = false;
  #stopped = false;
  #cancelTimer: (() => void) | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: {
    readonly leader: Pick<LeaderPort, "reportStatuses">;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    this.#leader = options.leader;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  add(report: PendingReport): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#queue.push(report);
    this.#pendingItems += report.statuses.length;
    if (this.#pendingItems >= STATUS_BATCH_ITEMS_MAX) void this.#send();
    else this.#cancelTimer ??= this.#clock.setTimer(STATUS_BATCH_DELAY_MS, () => void this.#send());
    if (this.#pendingItems < STATUS_ITEMS_PENDING_MAX) return Promise.resolve();
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
    this.#queue = [];
    for (const backoff of this.#backoffs) backoff.cancel();
    this.#room?.resolve();
  }

  async #send(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#sending) return;
    this.#sending = true;
    while (!this.#stopped && this.#queue.length > 0) {
      const batch = this.#take();
      if (await this.#deliver(batch.statuses)) for (const { written } of batch.finished) written();
      this.#pendingItems -= batch.statuses.length;
      if (this.#pendingItems < STATUS_ITEMS_PENDING_MAX) {
        this.#room?.resolve();
        this.#room = undefined;
      }
    }
    this.#sending = false;
  }

  #take(): Batch {
    const statuses: ReportedStatus[] = [];
    let finished = 0;
    for (const report of this.#queue) {
      const room = STATUS_BATCH_ITEMS_MAX - statuses.length;
      const part = report.statuses.slice(this.#taken, this.#taken + room);
      statuses.push(...part);
      this.#taken += part.length;
      if (this.#taken < report.statuses.length) break;
      this.#taken = 0;
      finished += 1;
    }
    return { statuses, finished: this.#queue.splice(0, finished) };
  }

  /** False if the leader will never take these statuses, or the dispatcher stops. */
  async #deliver(statuses: readonly ReportedStatus[]): Promise<boolean> {
    const backoff = createBackoff(this.#clock);
    this.#backoffs.add(backoff);
    try {
      while (!this.#stopped) {
        try {
          if (statuses.length > 0) await this.#leader.reportStatuses({ statuses });
          return true;
        } catch (error) {
          if (isHopeless(error)) {
            this.#logger.warn({ error }, "the leader refused a batch of statuses");
            return false;
          }
        }
        await backoff.pause();
      }
      return false;
    } finally {
      this.#backoffs.delete(backoff);
    }
  }
}

/** Repeating is harmless, so everything but a refusal of the content is tried again. */
function isHopeless(error: unknown): boolean {
  return (
    isControlError(error) && (error.code === "invalid-argument" || error.code === "unimplemented")
  );
}
