import { assert } from "../internal/assert.ts";
import type { LogIndex } from "../ids.ts";

interface Inflight {
  readonly last: LogIndex;
  readonly bytes: number;
}

/** Appends that were sent and not yet acknowledged: a bounded window per peer. */
export class Inflights {
  readonly #countMax: number;
  readonly #bytesMax: number;
  readonly #window: Inflight[] = [];
  #bytes = 0;

  constructor(countMax: number, bytesMax: number) {
    this.#countMax = countMax;
    this.#bytesMax = bytesMax;
  }

  get count(): number {
    return this.#window.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The append that crosses the byte limit is let through; the next one is not. */
  get full(): boolean {
    return this.count >= this.#countMax || this.#bytes >= this.#bytesMax;
  }

  add(last: LogIndex, bytes: number): void {
    assert(!this.full, "an append was sent with a full window");
    assert((this.#window.at(-1)?.last ?? 0) <= last, "in-flight indexes must rise");
    this.#window.push({ last, bytes });
    this.#bytes += bytes;
  }

  /** Frees all appends that an acknowledgement of `index` covers. */
  freeTo(index: LogIndex): void {
    let freed = 0;
    for (const { last, bytes } of this.#window) {
      if (last > index) break;
      freed += 1;
      this.#bytes -= bytes;
    }
    if (freed > 0) this.#window.splice(0, freed);
  }

  clear(): void {
    this.#window.length = 0;
    this.#bytes = 0;
  }
}
