import type { RandomSource } from "../../options.ts";
import type { MemberRecord } from "./record.ts";
import type { MemberTable } from "./table.ts";

/**
 * Whose turn is next: each member once per lap, every lap in a new random order. Compared with free random choice it
 * bounds how long a member waits, and lets a few rounds of gossip reach all of a small cluster.
 */
export class Rotation {
  #names: string[] = [];
  #next = 0;
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A newcomer gets a random place in the rest of the present lap. */
  add(name: string): void {
    const place =
      this.#next + Math.floor(this.#random.next() * (this.#names.length - this.#next + 1));
    const displaced = this.#names[place];
    this.#names[place] = name;
    if (displaced !== undefined) this.#names.push(displaced);
  }

  /** The next member that is wanted; undefined when there is none. The local one never has its turn. */
  next(
    members: MemberTable,
    isWanted: (record: MemberRecord) => boolean,
  ): MemberRecord | undefined {
    for (let lap = 0; lap < 2; lap += 1) {
      while (this.#next < this.#names.length) {
        const name = this.#names[this.#next] ?? "";
        this.#next += 1;
        const record = members.get(name);
        if (record !== undefined && record !== members.local && isWanted(record)) return record;
      }
      this.#startLap(members);
    }
    return undefined;
  }

  #startLap(members: MemberTable): void {
    const names = members.all().map(({ name }) => name);
    for (let last = names.length - 1; last > 0; last -= 1) {
      const other = Math.floor(this.#random.next() * (last + 1));
      const held = names[last] ?? "";
      names[last] = names[other] ?? "";
      names[other] = held;
    }
    this.#names = names;
    this.#next = 0;
  }
}
