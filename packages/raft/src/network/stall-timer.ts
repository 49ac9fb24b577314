import type { Clock } from "../clock.ts";
import { SNAPSHOT_PROGRESS_BYTES, SNAPSHOT_STALL_MS } from "../limits.ts";

/** Watches over a snapshot's way: calls `onStall` once when too little has moved for too long. */
export class StallTimer {
  readonly #clock: Clock;
  readonly #onStall: () => void;
  #cancel: () => void;
  #bytes = 0;

  constructor(clock: Clock, onStall: () => void) {
    this.#clock = clock;
    this.#onStall = onStall;
    this.#cancel = clock.setTimer(SNAPSHOT_STALL_MS, onStall);
  }

  /** So many bytes more have moved. */
  progressed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= SNAPSHOT_PROGRESS_BYTES) this.restart();
  }

  /** A step was made; the next one has its time from here on. */
  restart(): void {
    this.#bytes = 0;
    this.#cancel();
    this.#cancel = this.#clock.setTimer(SNAPSHOT_STALL_MS, this.#onStall);
  }

  end(): void {
    this.#cancel();
  }
}
