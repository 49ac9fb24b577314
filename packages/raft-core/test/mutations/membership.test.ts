import { describe, expect, test } from "vitest";
import { isRaftError } from "../../src/index.ts";
import type { ConfChange } from "../../src/index.ts";
import { encodeConfChange } from "../../src/codec/conf-change.ts";
import { change, members } from "../membership/change-text.ts";
import { Single } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

function refusal(single: Single, what: ConfChange): string | undefined {
  try {
    single.core.proposeConfChange(what);
    return undefined;
  } catch (error) {
    return isRaftError(error) ? error.code : String(error);
  }
}

const leading = (of: Parameters<typeof members>[0]): Single =>
  new Single([], { initial: stored([1], { members: members(of) }) }).lead();

describe("proposing a change of the members", () => {
  test("a change is proposed while another one is in flight", () => {
    const single = new Single().lead().ack(2);
    expect(refusal(single, change("v4"))).toBeUndefined();
    expect(refusal(single, change("v5"))).toBe("change-in-flight");
    // A peer that forwards one gets an empty entry in its place.
    const data = encodeConfChange(change("v5"));
    single.from(3, "propose", { term: 0, entries: [{ kind: "conf-change-v2", data }] });
    const written = single.readies.flatMap(({ entries }) => entries.map(({ kind }) => kind));
    expect(written.slice(-2)).toEqual(["conf-change-v2", "normal"]);
  });

  test("a new leader proposes a change before all from before its term is applied", () => {
    const single = new Single([], { initial: stored([1, 2, 2]) }).lead();
    expect(refusal(single, change("v4"))).toBe("change-in-flight");
    expect(refusal(single.ack(2), change("v4"))).toBeUndefined();
  });

  test.each<[string, Parameters<typeof members>[0], ConfChange]>([
    ["the last voter is removed", { voters: [1], learners: [2] }, change("r1")],
    ["nothing changes outside of a joint configuration", { voters: [1, 2] }, change()],
    [
      "a joint configuration within a joint one",
      { voters: [1, 2], votersOutgoing: [1] },
      change("", "joint-explicit"),
    ],
    ["a change within a joint one", { voters: [1, 2], votersOutgoing: [1] }, change("v3")],
  ])("a change that cannot be made is put into the log (%s)", (_, of, what) => {
    const single = new Single([], { initial: stored([1], { members: members(of) }) });
    single.core.campaign();
    single.run();
    if (single.core.status().role !== "leader") single.from(2, "vote-response").ack(2);
    expect(single.core.status()).toMatchObject({ role: "leader", applied: 2, lastIndex: 2 });
    expect(refusal(single, what)).toMatch(/^(unsupported-change|joint-configuration|not-joint)$/u);
    expect(single.run().core.status().lastIndex).toBe(2);
  });

  test("a joint configuration is left twice", () => {
    // Entries are applied one by one, so that there are applies between the leave and its own.
    const both = members({ voters: [1, 2], votersOutgoing: [1, 2, 3], autoLeave: true });
    const initial = stored([1], { members: both });
    const single = new Single([], { initial, maxCommittedBytesPerReady: 1 }).lead();
    for (const text of ["a", "b", "c"]) single.propose(text);
    single.ack(2);
    expect(single.core.status()).toMatchObject({ applied: 5, lastIndex: 6 });
    const written = single.readies.flatMap(({ entries }) => entries);
    expect(written.at(-1)).toMatchObject({ kind: "conf-change-v2", index: 6 });
    expect(written.at(-1)?.data).toHaveLength(0);
  });

  test("a joint configuration is not left by itself", () => {
    const of = { voters: [1, 2], votersOutgoing: [1, 2, 3], autoLeave: true };
    const single = leading(of).ack(2);
    expect(single.readies.flatMap(({ entries }) => entries).at(-1)?.kind).toBe("conf-change-v2");
  });

  test("a leader that is no member any more takes proposals", () => {
    const single = new Single([1, 2, 3], { stepDownOnRemoval: false }).lead().ack(2);
    single.core.applyConfChange(change("r1"));
    expect(() => single.propose("x")).toThrow(expect.objectContaining({ code: "not-a-member" }));
  });
});

describe("taking a change into force", () => {
  test("a removed leader leads on", () => {
    const single = new Single().lead().ack(2);
    single.core.applyConfChange(change("r1"));
    expect(single.core.status()).toMatchObject({ role: "follower", leader: 0 });
  });

  test("a demoted leader leads on", () => {
    const single = new Single().lead().ack(2);
    single.core.applyConfChange(change("l1"));
    expect(single.core.status()).toMatchObject({ role: "follower", leader: 0 });
  });

  test("a new member counts as inactive", () => {
    const single = new Single([1], { checkQuorum: true });
    single.core.campaign();
    single.run().core.applyConfChange(change("v2"));
    expect(single.tick(10).core.status().role).toBe("leader");
    expect(single.tick(10).core.status().role).toBe("follower");
  });

  test("a new member is left alone until something is proposed", () => {
    const single = new Single().lead().ack(2).ack(3);
    single.take();
    single.core.applyConfChange(change("l4"));
    expect(single.run().take()).toMatchObject([{ type: "append", to: 4 }]);
  });

  test("what is known of the members that stay is forgotten", () => {
    const single = new Single().lead().ack(2);
    single.core.applyConfChange(change("l4"));
    expect(single.peer(2)).toMatchObject({ match: 2, state: "replicate" });
    expect(single.peer(1)).toMatchObject({ match: 2 });
  });

  test("a demoted outgoing voter becomes a learner at once", () => {
    const single = new Single().lead().ack(2);
    const joint = single.core.applyConfChange(change("l3 v4"));
    expect(joint).toMatchObject({ votersOutgoing: [1, 2, 3], learners: [], learnersNext: [3] });
  });

  test("learners to be are forgotten with the joint configuration", () => {
    const single = new Single().lead().ack(2);
    single.core.applyConfChange(change("l3 v4"));
    const left = single.core.applyConfChange(change());
    expect(left).toEqual(members({ voters: [1, 2, 4], learners: [3] }));
  });
});

describe("starting again", () => {
  test("a joint configuration does not outlive a restart", () => {
    const both = { voters: [1, 2], votersOutgoing: [1, 3], learnersNext: [3], autoLeave: true };
    const single = new Single([], { initial: stored([1], { members: members(both) }) });
    expect(single.core.status().confState).toEqual(members(both));
  });

  test("a change that was applied after the snapshot is forgotten by a restart", () => {
    const initial = stored([1, 1, 1], { commit: 3 });
    const data = encodeConfChange(change("v4"));
    const entries = initial.entries.map((entry) =>
      entry.index === 2 ? { ...entry, kind: "conf-change-v2" as const, data } : entry,
    );
    const applied = entries[0]!.index;
    const single = new Single([], { initial: { ...initial, entries }, applied });
    expect(single.core.status().confState.voters).toEqual([1, 2, 3, 4]);
  });
});
