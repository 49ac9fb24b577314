import { assert } from "../internal/assert.ts";
import type { LogIndex } from "../ids.ts";

const SLOTS_AT_FIRST = 4;

/** How much may be on its way to one peer. */
export interface InflightLimits {
  /** Appends without an answer. */
  readonly appends: number;
  /** Bytes in them; the append that crosses this is let through. */
  readonly bytes: number;
}

/**
 * Appends that were sent and not yet acknowledged: a bounded window per peer. A ring that grows with what is in it, since
 * most windows stay far below their limits.
 */
export class Inflights {
  #limits: InflightLimits;
  /** Of each append its last index, and its bytes, from slot `#first` on and around. */
  #lasts: LogIndex[] = [];
  #sizes: number[] = [];
  #first = 0;
  #count = 0;
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The append that crosses the byte limit is let through; the next one is not. */
  get full(): boolean {
    return this.#count >= this.#limits.appends || this.#bytes >= this.#limits.bytes;
  }

  /** The last index that is on its way; 0 when none is. */
  get last(): LogIndex {
    return this.#count === 0 ? (0 as LogIndex) : this.#lastAt(this.#count - 1);
  }

  /** What is on its way stays so: with less room than that, the window is full until enough of it is acknowledged. */
  setLimits(limits: InflightLimits): void {
    this.#limits = limits;
  }

  add(last: LogIndex, bytes: number): void {
    assert(!this.full, "an append was sent with a full window");
    assert(this.last <= last, "in-flight indexes must rise");
    if (this.#count === this.#lasts.length) this.#grow();
    const slot = this.#slot(this.#count);
    this.#lasts[slot] = last;
    this.#sizes[slot] = bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** The newest append got longer before it left. */
  extend(last: LogIndex, bytes: number): void {
    assert(this.#count > 0 && this.last <= last, "no append to extend");
    const slot = this.#slot(this.#count - 1);
    this.#lasts[slot] = last;
    this.#sizes[slot] = (this.#sizes[slot] ?? 0) + bytes;
    this.#bytes += bytes;
  }

  /** Frees all appends that an acknowledgement of `index` covers. */
  freeTo(index: LogIndex): void {
    while (this.#count > 0 && this.#lastAt(0) <= index) {
      this.#bytes -= this.#sizes[this.#first] ?? 0;
      this.#first = this.#slot(1);
      this.#count -= 1;
    }
  }

  clear(): void {
    this.#lasts = [];
    this.#sizes = [];
    this.#first = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #slot(at: number): number {
    const slot = this.#first + at;
    return slot < this.#lasts.length ? slot : slot - this.#lasts.length;
  }

  #lastAt(at: number): LogIndex {
    const last = this.#lasts[this.#slot(at)];
    assert(last !== undefined, "a slot of the window is empty");
    return last;
  }

  /** Doubles the ring, and lays its oldest append into slot 0. */
  #grow(): void {
    const { length } = this.#lasts;
    const free = Array.from({ length: Math.max(length, SLOTS_AT_FIRST) }, () => 0);
    const turned = <T>(ring: readonly T[]): T[] => [
      ...ring.slice(this.#first),
      ...ring.slice(0, this.#first),
    ];
    this.#lasts = [...turned(this.#lasts), ...(free as LogIndex[])];
    this.#sizes = [...turned(this.#sizes), ...free];
    this.#first = 0;
  }
}
