import { assert } from "../../internal/assert.ts";
import type { MemberState } from "../../member.ts";
import type { RandomSource } from "../../options.ts";
import { isActive, type MemberRecord } from "./record.ts";

/** All members by name, the local one included, with counts and random choice. */
export class MemberTable {
  readonly local: MemberRecord;
  readonly #byName = new Map<string, MemberRecord>();
  readonly #list: MemberRecord[] = [];
  readonly #random: RandomSource;
  #activeCount = 0;
  #deadCount = 0;

  constructor(local: MemberRecord, random: RandomSource) {
    this.local = local;
    this.#random = random;
    this.add(local);
  }

  get size(): number {
    return this.#list.length;
  }

  /** Alive and suspect, the local one included. */
  get activeCount(): number {
    return this.#activeCount;
  }

  /** Dead, without those who left. */
  get deadCount(): number {
    return this.#deadCount;
  }

  get(name: string): MemberRecord | undefined {
    return this.#byName.get(name);
  }

  all(): readonly MemberRecord[] {
    return this.#list;
  }

  add(record: MemberRecord): void {
    assert(!this.#byName.has(record.name), "member is already in the table");
    this.#byName.set(record.name, record);
    this.#list.push(record);
    this.#count(record, 1);
  }

  setState(record: MemberRecord, state: MemberState, nowMs: number): void {
    this.#count(record, -1);
    record.state = state;
    record.changedAtMs = nowMs;
    this.#count(record, 1);
  }

  /** Forgets the members for which `isOver` holds; never the local one. */
  removeWhere(isOver: (record: MemberRecord) => boolean): void {
    let kept = 0;
    for (const record of this.#list) {
      if (record !== this.local && isOver(record)) {
        this.#byName.delete(record.name);
        this.#count(record, -1);
      } else {
        this.#list[kept] = record;
        kept += 1;
      }
    }
    this.#list.length = kept;
  }

  /** Up to `count` different members that are wanted, at random; the local one is never among them. */
  sample(count: number, isWanted: (record: MemberRecord) => boolean): MemberRecord[] {
    const chosen: MemberRecord[] = [];
    const n = this.#list.length;
    // A partial shuffle of indexes: exact in small tables, bounded in large ones.
    const swapped = new Map<number, number>();
    const triesMax = Math.min(n, Math.max(64, 8 * count));
    for (let tries = 0; tries < triesMax && chosen.length < count; tries += 1) {
      const other = tries + Math.floor(this.#random.next() * (n - tries));
      const index = swapped.get(other) ?? other;
      swapped.set(other, swapped.get(tries) ?? tries);
      const record = this.#list[index];
      if (record !== undefined && record !== this.local && isWanted(record)) chosen.push(record);
    }
    return chosen;
  }

  #count(record: MemberRecord, by: 1 | -1): void {
    if (isActive(record)) this.#activeCount += by;
    else if (record.state === "dead") this.#deadCount += by;
  }
}
