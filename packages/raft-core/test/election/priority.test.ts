import { createRandom } from "@waggle/simkit";
import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { RaftTrace } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { Single } from "../paper/single.ts";

/** Members with these priorities, in the order of their ids. Timeouts differ: without pre-vote, requests restart them. */
function ranked(priorities: readonly number[], options = {}): Group {
  const random = createRandom(1);
  const ids = priorities.map((_, at) => at + 1);
  const group = new Group(ids, { random: () => random.next(), ...options });
  for (const [at, priority] of priorities.entries()) group.core(at + 1).setPriority(priority);
  return group;
}

const leaderOf = (group: Group): number | undefined =>
  [...group.members.values()].find(({ core }) => core.status().role === "leader")?.core.id;

function cut(group: Group, id: number): void {
  group.drop = ({ from, to }) => from === id || to === id;
}

describe("election priority", () => {
  test("travels in both kinds of requests", () => {
    const single = new Single([1, 2], { priority: 7, preVote: true });
    expect(single.core.status().priority).toBe(7);
    single.core.campaign();
    expect(single.run().take()).toMatchObject([{ type: "pre-vote", priority: 7 }]);
    single.core.setPriority(8);
    single.from(2, "pre-vote-response", { term: 2 });
    expect(single.take()).toMatchObject([{ type: "vote", priority: 8 }]);
  });

  test.each(["vote", "pre-vote"] as const)("refuses a %s of lower rank, and says why", (type) => {
    const seen: RaftTrace[] = [];
    const single = new Single([1, 2, 3], { priority: 2, trace: (event) => seen.push(event) });
    const ask = (priority: number): unknown => {
      single.from(2, type, { term: 2, index: 1, logTerm: 1, priority });
      return single.take().at(-1);
    };
    expect(ask(1)).toMatchObject({ type: `${type}-response`, reject: true });
    expect(seen).toContainEqual(
      expect.objectContaining({ type: "vote-answered", granted: false, refusal: "priority" }),
    );
    expect(ask(2)).toMatchObject({ reject: false });
  });

  test.each([
    ["more entries", { index: 2, logTerm: 1 }],
    ["a later last term", { index: 1, logTerm: 2 }],
  ])("does not count against %s", (_name, end) => {
    const single = new Single([1, 2, 3], { priority: 2 });
    single.from(2, "vote", { term: 3, ...end });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: false }]);
  });

  test("does not make up for a log that is behind", () => {
    const single = new Single([1, 2, 3]);
    single.from(2, "vote", { term: 2, index: 0, logTerm: 0, priority: 9 });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: true }]);
  });

  test("does not count in an election that the leader asked for", () => {
    const single = new Single([1, 2, 3], { priority: 9 });
    single.from(2, "vote", { term: 2, index: 1, logTerm: 1, transfer: true });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: false }]);
  });

  test("is not held up by one that may not campaign itself", () => {
    const single = new Single([1, 2, 3], { priority: 9 });
    single.core.applyConfChange({
      transition: "auto",
      changes: [{ type: "add-learner", node: nodeId(1) }],
      context: bytes(""),
    });
    single.from(2, "vote", { term: 2, index: 1, logTerm: 1 });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: false }]);
  });

  test.each([true, false])("of two voters lets the higher lead, pre-vote %s", (preVote) => {
    const group = ranked([1, 5], { preVote });
    group.tick(80);
    expect(leaderOf(group)).toBe(2);
  });

  test.each([true, false])("a group elects while its highest is down, pre-vote %s", (preVote) => {
    const group = ranked([1, 5, 3], { preVote });
    cut(group, 2);
    group.tick(80);
    expect(leaderOf(group)).toBe(3);
  });

  test.each([true, false])("one that lags holds nobody up, pre-vote %s", (preVote) => {
    const group = ranked([1, 5, 3], { preVote });
    cut(group, 2);
    group.tick(80);
    group.core(3).propose([bytes("x")]);
    group.settle();
    cut(group, 3);
    group.tick(80);
    expect(leaderOf(group)).toBe(1);
    expect(group.texts(2)).toEqual(["x"]);
  });

  test("a transfer goes to a lower rank too", () => {
    const group = ranked([9, 0, 0]);
    group.elect(1);
    group.core(1).transferLeadership(nodeId(3));
    group.settle();
    expect(leaderOf(group)).toBe(3);
  });

  test("must be whole and in range, when set and when changed", () => {
    for (const priority of [-1, 0.5, 2 ** 31, Number.NaN]) {
      expect(() => new Single([1], { priority })).toThrow(
        expect.objectContaining({ code: "invalid-option", option: "priority" }),
      );
      const single = new Single([1], { priority: 3 });
      expect(() => {
        single.core.setPriority(priority);
      }).toThrow(expect.objectContaining({ code: "invalid-argument" }));
      expect(single.core.status().priority).toBe(3);
    }
  });
});

describe("the reason of a refused vote", () => {
  const reasonOf = (prepare: (single: Single) => void, fields: object): unknown => {
    const seen: RaftTrace[] = [];
    const single = new Single([1, 2, 3], { trace: (event) => seen.push(event) });
    prepare(single);
    single.from(2, "vote", { term: 2, index: 1, logTerm: 1, ...fields });
    return seen.flatMap((event) => (event.type === "vote-answered" ? [event.refusal] : [])).at(-1);
  };
  test.each<[string | undefined, (single: Single) => void, object]>([
    [undefined, () => undefined, {}],
    ["already-voted", (single) => single.from(3, "vote", { term: 2, index: 1, logTerm: 1 }), {}],
    ["leader-known", (single) => single.from(3, "heartbeat", { term: 2 }), {}],
    ["log-behind", () => undefined, { index: 0, logTerm: 0 }],
    [
      "earlier-term",
      (single) => single.from(3, "heartbeat", { term: 5 }),
      { type: "pre-vote", term: 2 },
    ],
  ])("is %s", (refusal, prepare, fields) => {
    expect(reasonOf(prepare, fields)).toBe(refusal);
  });
});
