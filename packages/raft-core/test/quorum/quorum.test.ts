import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NodeId } from "../../src/index.ts";
import { jointIndex, jointVote } from "../../src/quorum/joint.ts";
import { majorityIndex, majorityOf, majorityVote } from "../../src/quorum/majority.ts";

const ids = fc
  .uniqueArray(fc.integer({ min: 1, max: 9 }), { maxLength: 7 })
  .map((list) => new Set(list as NodeId[]));
const acks = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 10, maxLength: 10 });
const votes = fc
  .dictionary(fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "8", "9"), fc.boolean())
  .map((given) => new Map(Object.entries(given).map(([id, yes]) => [Number(id) as NodeId, yes])));

/** By definition: the largest index that more than half of the voters have reached. */
function naiveIndex(voters: ReadonlySet<NodeId>, acked: readonly number[]): number {
  for (let index = 20; index > 0; index -= 1) {
    const reached = [...voters].filter((id) => acked[id]! >= index).length;
    if (reached * 2 > voters.size) return index;
  }
  return voters.size === 0 ? Infinity : 0;
}

describe("majority", () => {
  test("is more than half", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });

  test("index is as defined", () => {
    fc.assert(
      fc.property(ids, acks, (voters, acked) => {
        const naive = voters.size === 0 ? Infinity : naiveIndex(voters, acked);
        expect(majorityIndex(voters, (id) => acked[id]!)).toBe(naive);
      }),
      { seed: 3 },
    );
  });

  test("index of many voters is the middle of what they acknowledged", () => {
    const acked = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 8, maxLength: 128 });
    fc.assert(
      fc.property(acked, (list) => {
        const voters = new Set(list.map((_, at) => at as NodeId));
        const falling = list.toSorted((a, b) => b - a);
        expect(majorityIndex(voters, (id) => list[id]!)).toBe(falling[majorityOf(list.length) - 1]);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test("vote is won, lost or pending as counting says", () => {
    fc.assert(
      fc.property(ids, votes, (voters, given) => {
        const yes = [...voters].filter((id) => given.get(id) === true).length;
        const no = [...voters].filter((id) => given.get(id) === false).length;
        const won = voters.size === 0 || yes * 2 > voters.size;
        const lost = !won && (voters.size - no) * 2 <= voters.size;
        expect(majorityVote(voters, given)).toBe(won ? "won" : lost ? "lost" : "pending");
      }),
      { seed: 3 },
    );
  });
});

describe("joint", () => {
  test("index is the lesser of both halves", () => {
    fc.assert(
      fc.property(ids, ids, acks, (incoming, outgoing, acked) => {
        const index = jointIndex({ incoming, outgoing }, (id) => acked[id]!);
        const halves = [incoming, outgoing].filter(({ size }) => size > 0);
        expect(index).toBe(Math.min(...halves.map((half) => naiveIndex(half, acked))));
      }),
      { seed: 3 },
    );
  });

  test("vote needs both halves and is lost by either", () => {
    fc.assert(
      fc.property(ids, ids, votes, (incoming, outgoing, given) => {
        const both = [majorityVote(incoming, given), majorityVote(outgoing, given)];
        const expected = both.includes("lost")
          ? "lost"
          : both.includes("pending")
            ? "pending"
            : "won";
        expect(jointVote({ incoming, outgoing }, given)).toBe(expected);
      }),
      { seed: 3 },
    );
  });
});
