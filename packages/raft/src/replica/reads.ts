import type { LogIndex, ReadState } from "@waggle/raft-core";
import { RaftNodeError } from "../errors.ts";
import { PENDING_READS_MAX } from "../limits.ts";

interface Reader {
  readonly deadlineMs: number;
  readonly settle: (outcome: number | RaftNodeError) => void;
  readonly isSettled: () => boolean;
}

interface Round {
  readonly askedAtTick: number;
  readonly readers: readonly Reader[];
}

/** When a read is asked for, and until when it waits. */
export interface ReadRequest {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
}

const CONTEXT_BYTES = 16;

/**
 * Linearizable reads. All that wait share one round to the leader; a round without an answer is asked again, under a new
 * name, after an election's time and whenever leadership moves.
 */
export class Reads {
  readonly #nonce: number;
  readonly #retryTicks: number;
  #waiting: Reader[] = [];
  readonly #rounds = new Map<string, Round>();
  /** Confirmed, in ascending order of index, until that index is applied. */
  #confirmed: { readonly index: number; readonly readers: readonly Reader[] }[] = [];
  #roundCount = 0;
  #tick = 0;
  #count = 0;

  /** `random` makes the rounds of two lives of the same member differ. */
  constructor(options: { readonly random: () => number; readonly retryTicks: number }) {
    this.#nonce = Math.floor(options.random() * 0x1_0000_0000);
    this.#retryTicks = options.retryTicks;
  }

  get count(): number {
    return this.#count;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  add(request: ReadRequest): Promise<number> {
    if (this.#count >= PENDING_READS_MAX) {
      return Promise.reject(new RaftNodeError("overloaded", `${this.#count} reads wait`));
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const { signal, deadlineMs } = request;
    let settled = false;
    const settle = (outcome: number | RaftNodeError): void => {
      if (settled) return;
      settled = true;
      this.#count -= 1;
      signal?.removeEventListener("abort", abort);
      if (typeof outcome === "number") resolve(outcome);
      else reject(outcome);
    };
    const abort = (): void => {
      const cause: unknown = signal?.reason;
      settle(new RaftNodeError("aborted", "the caller aborted the read", { cause }));
    };
    this.#count += 1;
    this.#waiting.push({ deadlineMs, settle, isSettled: () => settled });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
    return promise;
  }

  /** Asks once for all that wait. When `ask` says that nobody leads they go on waiting. */
  flush(ask: (context: Uint8Array) => boolean): void {
    this.#waiting = this.#waiting.filter(({ isSettled }) => !isSettled());
    if (this.#waiting.length === 0) return;
    this.#roundCount += 1;
    const context = new Uint8Array(CONTEXT_BYTES);
    const view = new DataView(context.buffer);
    view.setUint32(0, this.#nonce, true);
    view.setFloat64(8, this.#roundCount, true);
    if (!ask(context)) return;
    const round = { askedAtTick: this.#tick, readers: this.#waiting };
    this.#rounds.set(keyOf(context), round);
    this.#waiting = [];
  }

  confirm({ context, index }: ReadState, applied: number): void {
    const key = keyOf(context);
    const round = this.#rounds.get(key);
    if (round === undefined) return;
    this.#rounds.delete(key);
    if (index <= applied) for (const { settle } of round.readers) settle(index);
    else this.#confirmed.push({ index, readers: round.readers });
  }

  applied(through: LogIndex): void {
    if (this.#confirmed.length === 0) return;
    const due = this.#confirmed.filter(({ index }) => index <= through);
    this.#confirmed = this.#confirmed.filter(({ index }) => index > through);
    for (const { index, readers } of due) for (const { settle } of readers) settle(index);
  }

  /** A tick has passed. */
  tick(nowMs: number): void {
    if (this.#count === 0) return;
    this.#tick += 1;
    this.#askAgain(({ askedAtTick }) => this.#tick - askedAtTick >= this.#retryTicks);
    for (const reader of this.#all()) {
      if (reader.deadlineMs > nowMs) continue;
      reader.settle(new RaftNodeError("timeout", "no quorum confirmed the read in time"));
    }
  }

  /** Leadership moved: what the old leader was asked is lost. */
  leaderChanged(): void {
    this.#askAgain(() => true);
  }

  stop(): void {
    const error = new RaftNodeError("stopped", "the node is stopped");
    for (const { settle } of this.#all()) settle(error);
    this.#waiting = [];
    this.#rounds.clear();
    this.#confirmed = [];
  }

  #all(): readonly Reader[] {
    return [
      ...this.#waiting,
      ...[...this.#rounds.values()].flatMap(({ readers }) => readers),
      ...this.#confirmed.flatMap(({ readers }) => readers),
    ];
  }

  #askAgain(stale: (round: Round) => boolean): void {
    for (const [key, round] of this.#rounds) {
      if (!stale(round)) continue;
      this.#rounds.delete(key);
      this.#waiting.push(...round.readers);
    }
  }
}

function keyOf(context: Uint8Array): string {
  return context.join();
}
