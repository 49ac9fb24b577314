import type { Entry } from "../../../src/index.ts";
import { hashBytes, hashNumber } from "../hash.ts";
import { Violation } from "./violation.ts";

/** Where a log begins. */
export interface Base {
  readonly index: number;
  readonly term: number;
}

const KINDS = { normal: 1, "conf-change": 2, "conf-change-v2": 3 } as const;

/** A log as seen from outside: for each index its term and a hash of everything up to it. */
export class LogMirror {
  #base = 0;
  #terms: number[] = [0];
  #hashes: number[] = [0];
  /** Indexes of changes of the members, ascending. */
  #changes: number[] = [];

  get base(): number {
    return this.#base;
  }
  get last(): number {
    return this.#base + this.#terms.length - 1;
  }

  rebase({ index, term }: Base, hash: number): void {
    this.#base = index;
    this.#terms = [term];
    this.#hashes = [hash];
    this.#changes = [];
  }

  /** Hash of the log up to and with `index`; undefined for what is compacted or beyond the end. */
  hashAt(index: number): number | undefined {
    return this.#hashes[index - this.#base];
  }

  termAt(index: number): number | undefined {
    return this.#terms[index - this.#base];
  }

  /** True when the log is the same up to `index`, or holds it in a snapshot. */
  holds(index: number, hash: number): boolean {
    return index < this.#base || this.hashAt(index) === hash;
  }

  /** Puts an entry in its place; what stood there or after it is gone. Returns the hash up to it. */
  write(entry: Entry): number {
    const at = entry.index - this.#base;
    const before = this.#hashes[at - 1];
    if (at < 1 || before === undefined)
      throw new Violation(`log matching: ${entry.index} is written with a gap`);
    const position = hashNumber(hashNumber(before, entry.index), entry.term);
    const hash = hashBytes(hashNumber(position, KINDS[entry.kind]), entry.data);
    this.#terms.length = at;
    this.#hashes.length = at;
    this.#terms.push(entry.term);
    this.#hashes.push(hash);
    while ((this.#changes.at(-1) ?? 0) >= entry.index) this.#changes.pop();
    if (entry.kind !== "normal") this.#changes.push(entry.index);
    return hash;
  }

  /** True when a change of the members stands after `from`, up to and with `to`. */
  hasChange(from: number, to: number): boolean {
    return this.#changes.some((index) => index > from && index <= to);
  }
}
