import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { Single, round } from "./single.ts";

describe("8: client interaction", () => {
  test("whoever is asked knows the leader, or forwards", () => {
    const group = new Group([1, 2, 3], { forwardProposals: false });
    group.elect(1);
    expect(() => group.core(2).propose([bytes("x")])).toThrow(
      expect.objectContaining({ code: "not-leader" }),
    );
    expect(group.core(2).status().leader).toBe(1);
    const other = new Group([1, 2, 3]);
    other.elect(1);
    other.core(2).propose([bytes("x")]);
    other.settle();
    expect(other.texts(3)).toEqual(["x"]);
  });

  test("a proposal that was made twice is in the log twice: telling them apart is the state machine's part", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    for (let tries = 0; tries < 2; tries += 1) group.core(1).propose([bytes("serial 7")]);
    group.settle();
    expect(group.texts(2)).toEqual(["serial 7", "serial 7"]);
  });

  test("a leader may not yet know all that is committed: it commits an empty entry at its start", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).propose([bytes("x")]);
    // The commit is known to node 1 alone.
    group.drop = ({ type }) => type === "append" && group.core(1).status().commit >= 3;
    group.settle();
    expect([1, 2].map((id) => group.core(id).status().commit)).toEqual([3, 2]);
    group.cut(1).tick(40);
    const [leader] = group.leaders.filter((id) => id !== 1);
    expect(group.texts(leader!)).toEqual(["x"]);
    expect(group.core(leader!).status().commit).toBe(4);
  });

  test("a leader begins its term with an empty entry, sent to all", () => {
    const single = new Single();
    single.core.campaign();
    single.run().take();
    single.from(2, "vote-response");
    const noop = { kind: "normal", index: 2, term: 2, data: new Uint8Array(0) };
    const append = { type: "append", from: 1, term: 2, index: 1, logTerm: 1, commit: 1 };
    expect(single.take()).toEqual([2, 3].map((to) => ({ ...append, to, entries: [noop] })));
  });

  test("a leader may have been deposed: it hears a majority before it answers a read", () => {
    const group = new Group([1, 2, 3], { preVote: false, checkQuorum: false });
    group.elect(1);
    group.cut(1).elect(2);
    group.core(2).propose([bytes("new")]);
    group.settle();
    // Node 1 still believes that it leads.
    expect(group.leaders).toEqual([1, 2]);
    group.core(1).readIndex(bytes("r"));
    group.tick(3);
    expect(group.member(1).reads).toEqual([]);
    group.core(2).readIndex(bytes("r"));
    group.settle();
    expect(group.member(2).reads).toEqual([{ index: 4, context: bytes("r") }]);
  });

  test("the answer names a commit from after the question was asked", () => {
    const single = new Single().lead().ack(2).propose("x");
    single.core.readIndex(bytes("before"));
    single.run().ack(2);
    single.core.readIndex(bytes("after"));
    single.run().from(2, "heartbeat-response", { context: round(2) });
    expect(single.reads).toEqual([
      { index: 2, context: bytes("before") },
      { index: 3, context: bytes("after") },
    ]);
  });

  test("a read on a follower is answered for the follower", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(3).readIndex(bytes("r"));
    group.settle();
    expect(group.member(nodeId(3)).reads).toEqual([{ index: 2, context: bytes("r") }]);
  });
});
