import { describe, expect, test } from "vitest";
import type { ConfState } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { change, members } from "../membership/change-text.ts";
import { Single } from "./single.ts";
import { stored } from "./stored.ts";

describe("Figure 10: switching directly from one configuration to another is unsafe", () => {
  test("two majorities without a common member could decide, so the core does not do it", () => {
    // Three members are to become five: 1 and 2 are a majority of the old ones, 3, 4 and 5 of the new ones.
    const single = new Single().lead().ack(2);
    const joint = single.core.applyConfChange(change("v4 v5"));
    expect(joint).toEqual(
      members({ voters: [1, 2, 3, 4, 5], votersOutgoing: [1, 2, 3], autoLeave: true }),
    );
  });

  test.each([
    { who: "the old majority alone", candidate: 1, hears: [2], wins: false },
    { who: "the new majority alone", candidate: 3, hears: [4, 5], wins: false },
    { who: "both majorities", candidate: 3, hears: [1, 4], wins: true },
  ])("in between $who elects: $wins", ({ candidate, hears, wins }) => {
    const group = jointGroup([1, 2, 3, 4, 5], [1, 2, 3]);
    const connected = [candidate, ...hears];
    group.cut(...[1, 2, 3, 4, 5].filter((id) => !connected.includes(id)));
    group.elect(candidate);
    expect(group.core(candidate).status().role === "leader").toBe(wins);
  });
});

/** All members of both halves, in the middle of a change. */
function jointGroup(voters: readonly number[], votersOutgoing: readonly number[]): Group {
  const group = new Group([], { preVote: false, checkQuorum: false });
  const both = members({ voters, votersOutgoing });
  for (const id of new Set([...voters, ...votersOutgoing]))
    group.add(id, stored([1], { members: both }));
  return group;
}

describe("Figure 11: the timeline of a change by joint consensus", () => {
  /** From 1, 2, 3 to 3, 4, 5, explicitly, so that each step can be looked at; node 1 leads. */
  function begin(): Group {
    const group = new Group([1, 2, 3], { preVote: false, checkQuorum: false });
    for (const id of [4, 5]) group.add(id);
    group.elect(1);
    return group;
  }
  const toNew = change("r1 r2 v4 v5", "joint-explicit");
  const confState = (group: Group, id = 1): ConfState => group.core(id).status().confState;
  const committed = (group: Group, text: string): boolean => {
    group.core(1).propose([bytes(text)]);
    group.settle();
    return group.texts(1).includes(text);
  };

  test("until C(old,new) is committed, C(old) decides alone", () => {
    const group = begin();
    group.cut(4, 5).core(1).proposeConfChange(toNew);
    expect(confState(group).votersOutgoing).toEqual([]);
    group.settle();
    expect(confState(group)).toMatchObject({ voters: [3, 4, 5], votersOutgoing: [1, 2, 3] });
  });

  test.each([
    { cut: [4, 5], what: "without C(new)" },
    { cut: [2, 3], what: "without C(old)" },
  ])("while C(old,new) is in force, nothing is committed $what", ({ cut }) => {
    const group = begin();
    group.core(1).proposeConfChange(toNew);
    group.settle();
    group.cut(...cut);
    expect(committed(group, "x")).toBe(false);
    group.cut().tick(2);
    expect(group.texts(1)).toContain("x");
  });

  test("while it is in force, the group serves its clients with both majorities", () => {
    const group = begin();
    group.core(1).proposeConfChange(toNew);
    group.settle();
    group.cut(2, 5);
    expect(committed(group, "x")).toBe(true);
  });

  test("once C(new) is committed, C(new) decides alone, and a leader outside of it steps down", () => {
    const group = begin();
    group.core(1).proposeConfChange(toNew);
    group.settle();
    group.core(1).proposeConfChange(change());
    expect(group.core(1).status().role).toBe("leader");
    group.settle();
    expect(group.core(1).status().role).toBe("follower");
    group.cut(1, 2).tick(40);
    expect(group.leaders).toHaveLength(1);
    const [leader] = group.leaders;
    expect(confState(group, leader)).toEqual(members({ voters: [3, 4, 5] }));
    group.core(leader!).propose([bytes("y")]);
    group.settle();
    expect(group.texts(leader!)).toContain("y");
  });

  test("an automatic change leaves C(old,new) by itself once it is committed", () => {
    const group = begin();
    group.core(1).proposeConfChange(change("r2 v4 v5"));
    group.settle();
    for (const id of [1, 3, 4, 5])
      expect(confState(group, id)).toEqual(members({ voters: [1, 3, 4, 5] }));
  });

  test("a new leader finishes what a crashed one began", () => {
    const group = begin();
    group.drop = ({ type, entries = [] }: { type: string; entries?: readonly unknown[] }) =>
      type === "append" && entries.length === 1 && group.core(1).status().confState.autoLeave;
    group.core(1).proposeConfChange(change("r2 v4 v5"));
    group.settle();
    expect(confState(group)).toMatchObject({ votersOutgoing: [1, 2, 3], autoLeave: true });
    group.cut(1).tick(60);
    group.cut().tick(5);
    expect(group.leaders).toHaveLength(1);
    for (const id of [1, 3, 4, 5])
      expect(confState(group, id)).toEqual(members({ voters: [1, 3, 4, 5] }));
  });
});

describe("6: what else a change of the members needs", () => {
  test("new members come without a log: they join as learners, which do not vote, until they have it", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).propose([bytes("a")]);
    group.add(4);
    group.core(1).proposeConfChange(change("l4"));
    group.settle();
    group.core(4).campaign();
    expect(group.core(4).status()).toMatchObject({ role: "follower" });
    expect(group.texts(4)).toEqual(["a"]);
  });

  test("the leader may be no member of C(new): it replicates on and does not count itself", () => {
    const single = new Single([1, 2, 3], { stepDownOnRemoval: false }).lead().ack(2).ack(3);
    single.propose("x").ack(2);
    single.core.applyConfChange(change("r1"));
    single.run().from(2, "append-response", { index: 3 });
    expect(single.core.status()).toMatchObject({ role: "leader", commit: 3 });
  });

  test("removed members time out and ask for votes: who hears a leader does not listen", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).from(2, "heartbeat").tick(9);
    single.take();
    single.from(9, "vote", { term: 7, index: 9, logTerm: 1 });
    expect(single.take()).toEqual([]);
    expect(single.core.status().term).toBe(1);
  });
});
