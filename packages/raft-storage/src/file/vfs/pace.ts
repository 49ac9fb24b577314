import {
  BLOCKING_MS_MAX,
  BLOCKING_SAMPLES,
  BLOCKING_STALL_MS,
  BLOCKING_PAUSE_MS,
  BLOCKING_PAUSE_MS_MAX,
} from "../../limits.ts";

/**
 * How the disk is called. `blocking`: on the spot, which is the fastest way to a fast disk, while the process does nothing
 * else. `background`: in the thread pool, which costs some 0.1 ms more and never stalls the event loop. `auto`: by what
 * the calls are measured to take.
 */
export type DiskCalls = "auto" | "blocking" | "background";

/** Decides for one kind of call, by its own latency, which way it goes. */
export class Pace {
  readonly #mode: DiskCalls;
  #blocking: boolean;
  /** Fastest of the calls in the thread pool since the last decision: what the others took more may be our own load. */
  #fastestMs = Infinity;
  #samples = 0;
  #notBeforeMs = 0;
  #pauseMs = BLOCKING_PAUSE_MS;

  constructor(mode: DiskCalls) {
    this.#mode = mode;
    this.#blocking = mode === "blocking";
  }

  get blocking(): boolean {
    return this.#blocking;
  }

  /** A call of that kind ended at `nowMs` and took so long. */
  took(tookMs: number, nowMs: number): void {
    if (this.#mode !== "auto") return;
    if (this.#blocking) this.#watch(tookMs, nowMs);
    else this.#sample(tookMs, nowMs);
  }

  // One stall is enough: from then on the loop is not held up for a while, for longer each time it happens again.
  #watch(tookMs: number, nowMs: number): void {
    if (tookMs < BLOCKING_STALL_MS) return;
    this.#blocking = false;
    this.#fastestMs = Infinity;
    this.#samples = 0;
    const calmMs = nowMs - this.#notBeforeMs;
    const pauseMs = calmMs > BLOCKING_PAUSE_MS_MAX ? BLOCKING_PAUSE_MS : this.#pauseMs;
    this.#notBeforeMs = nowMs + pauseMs;
    this.#pauseMs = Math.min(2 * pauseMs, BLOCKING_PAUSE_MS_MAX);
  }

  #sample(tookMs: number, nowMs: number): void {
    this.#samples += 1;
    this.#fastestMs = Math.min(this.#fastestMs, tookMs);
    if (this.#samples < BLOCKING_SAMPLES || nowMs < this.#notBeforeMs) return;
    this.#blocking = this.#fastestMs < BLOCKING_MS_MAX;
    this.#fastestMs = Infinity;
    this.#samples = 0;
  }
}
