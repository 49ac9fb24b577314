import { describe, expect, test } from "vitest";
import { createRandom } from "@waggle/simkit";
import type { Random } from "@waggle/simkit";
import type { Entry } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";

const STEPS = 120;

/** Any log from index 2 on; the first index is where the group begins. */
type Log = readonly Entry[];

/** What was seen of a group, by which the five properties are judged. */
class Observer {
  readonly group: Group;
  readonly #leaderOf = new Map<number, number>();
  readonly #leaderLog = new Map<number, Log>();
  readonly #committed = new Map<number, Entry>();
  readonly #applied = new Map<number, Entry>();

  constructor(group: Group) {
    this.group = group;
  }

  /** How many terms had a leader, and how many entries were committed: a quiet run would prove nothing. */
  get seen(): { readonly leaders: number; readonly committed: number } {
    return { leaders: this.#leaderOf.size, committed: this.#committed.size };
  }

  look(): void {
    this.#electionSafety();
    this.#leaderAppendOnly();
    this.#logMatching();
    this.#leaderCompleteness();
    this.#stateMachineSafety();
  }

  /** At most one leader can be elected in a given term. */
  #electionSafety(): void {
    for (const id of this.group.leaders) {
      const { term } = this.group.core(id).status();
      expect(this.#leaderOf.get(term) ?? id).toBe(id);
      this.#leaderOf.set(term, id);
    }
  }

  /** A leader never overwrites or deletes entries in its log; it only appends new entries. */
  #leaderAppendOnly(): void {
    for (const id of this.group.leaders) {
      const { term } = this.group.core(id).status();
      const log = this.#log(id);
      const before = this.#leaderLog.get(term) ?? [];
      expect(log.slice(0, before.length)).toEqual(before);
      this.#leaderLog.set(term, log);
    }
  }

  /** If two logs contain an entry with the same index and term, they are equal up to that index. */
  #logMatching(): void {
    const logs = [...this.group.members.keys()].map((id) => this.#log(id));
    for (const a of logs)
      for (const b of logs) {
        const same = a.findLastIndex(({ term }, at) => b[at]?.term === term);
        expect(a.slice(0, same + 1)).toEqual(b.slice(0, same + 1));
      }
  }

  /** What is committed in a term is in the logs of the leaders of all higher terms. */
  #leaderCompleteness(): void {
    for (const [id, { core }] of this.group.members) {
      const { commit } = core.status();
      for (const entry of this.#log(id))
        if (entry.index <= commit) {
          expect(this.#committed.get(entry.index) ?? entry).toEqual(entry);
          this.#committed.set(entry.index, entry);
        }
    }
    const newest = Math.max(0, ...this.#leaderOf.keys());
    const leader = this.#leaderOf.get(newest);
    if (leader === undefined || !this.group.leaders.includes(leader)) return;
    const log = this.#log(leader);
    for (const entry of this.#committed.values())
      if (entry.term < newest) expect(log[entry.index - 2]).toEqual(entry);
  }

  /** If a server has applied an entry at an index, no other one applies a different entry there. */
  #stateMachineSafety(): void {
    for (const { applied } of this.group.members.values())
      for (const entry of applied) {
        expect(this.#applied.get(entry.index) ?? entry).toEqual(entry);
        this.#applied.set(entry.index, entry);
      }
  }

  #log(id: number): Log {
    return this.group.member(id).disk.entries;
  }
}

function disturb(group: Group, random: Random, step: number): void {
  const ids = [...group.members.keys()];
  const one = (): number => random.pick(ids);
  switch (random.integer(7)) {
    case 0:
      group.cut(one());
      return;
    case 1:
      group.cut(one(), one());
      return;
    case 2:
      group.drop = () => random.chance(0.3);
      return;
    case 3:
      group.restart(one());
      return;
    case 4:
      group.core(one()).campaign();
      group.settle();
      return;
    case 5:
      group.cut();
      return;
    default:
      for (const id of group.leaders) group.core(id).propose([bytes(`${step} by ${id}`)]);
      group.settle();
  }
}

describe("Figure 3: election safety, leader append-only, log matching, leader completeness, state machine safety", () => {
  const runs = [3, 5].flatMap((size) =>
    [true, false].flatMap((careful) => [1, 2, 3].map((seed) => ({ size, careful, seed }))),
  );

  test.each(runs)("hold in a disturbed group of $size (careful: $careful, seed $seed)", (run) => {
    const random = createRandom(run.seed);
    const ids = Array.from({ length: run.size }, (_, at) => at + 1);
    const modes = { preVote: run.careful, checkQuorum: run.careful };
    const group = new Group(ids, { ...modes, random: () => random.next() });
    const observer = new Observer(group);
    for (let step = 0; step < STEPS; step += 1) {
      disturb(group, random, step);
      group.tick(random.integer(7));
      observer.look();
    }
    group.cut().tick(60);
    observer.look();
    expect(group.leaders).toHaveLength(1);
    expect(new Set(ids.map((id) => String(group.terms(id)))).size).toBe(1);
    expect(observer.seen.leaders).toBeGreaterThan(3);
    expect(observer.seen.committed).toBeGreaterThan(10);
  });
});
