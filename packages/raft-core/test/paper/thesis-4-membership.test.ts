import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { change } from "../membership/change-text.ts";
import { Single } from "./single.ts";

describe("4.1 of the thesis: one change at a time", () => {
  test("take effect when applied; a smaller quorum commits what it has", () => {
    const single = new Single([1, 2]).lead();
    expect(single.core.status().commit).toBe(1);
    single.core.applyConfChange(change("r2"));
    expect(single.core.status().commit).toBe(2);
  });

  test("a new leader waits until all before its term is applied", () => {
    const single = new Single().lead();
    const propose = (): unknown => single.core.proposeConfChange(change("l4"));
    // The empty entry of its own term is not yet committed, but everything before it is applied.
    expect(propose).not.toThrow();
    const other = new Single();
    other.from(2, "append", {
      term: 2,
      index: 1,
      logTerm: 1,
      entries: [{ kind: "normal", index: 2, term: 2, data: bytes("x") }],
    });
    other.lead();
    expect(() => other.core.proposeConfChange(change("l4"))).toThrow(
      expect.objectContaining({ code: "change-in-flight" }),
    );
  });

  test("that a follower forwards and the leader cannot take become empty entries", () => {
    const single = new Single().lead().ack(2);
    single.core.proposeConfChange(change("l4"));
    const data = Uint8Array.of(0x12, 2, 16, 5);
    single.run().take();
    single.from(3, "propose", { term: 0, entries: [{ kind: "conf-change-v2", data }] });
    const written = single.readies.flatMap(({ entries }) => entries).slice(-2);
    expect(written).toMatchObject([
      { kind: "conf-change-v2" },
      { kind: "normal", data: bytes("") },
    ]);
  });

  test("a new peer is probed at once and counts as active for a while", () => {
    const single = new Single([1], { checkQuorum: true });
    single.core.campaign();
    single.run();
    single.core.applyConfChange(change("v2"));
    expect(single.run().take()).toMatchObject([{ type: "append", to: 2 }]);
    single.tick(10);
    expect(single.core.status().role).toBe("leader");
    single.tick(10);
    expect(single.core.status().role).toBe("follower");
  });

  test("a transfer to a removed member is given up", () => {
    const single = new Single().lead().ack(2);
    single.core.transferLeadership(nodeId(3));
    single.run();
    single.core.applyConfChange(change("r3"));
    expect(() => single.propose("x")).not.toThrow();
  });
});

describe("4.1 of the thesis, figures 4.2 and 4.3: why one member at a time is safe", () => {
  /** All subsets of the first `count` nodes that hold more than half of them. */
  const majorities = (count: number): number[][] =>
    Array.from({ length: 2 ** count }, (_, bits) =>
      Array.from({ length: count }, (__, at) => at + 1).filter(
        (id) => Math.floor(bits / 2 ** (id - 1)) % 2 === 1,
      ),
    ).filter(({ length }) => length * 2 > count);

  test.each([1, 2, 3, 4, 5])("any majority of %i meets any majority of one more", (count) => {
    for (const before of majorities(count))
      for (const after of majorities(count + 1))
        expect(before.some((id) => after.includes(id))).toBe(true);
  });

  test("the core adds a member in one step and two in a joint configuration", () => {
    const single = new Single().lead().ack(2);
    expect(single.core.applyConfChange(change("v4")).votersOutgoing).toEqual([]);
    const other = new Single().lead().ack(2);
    expect(other.core.applyConfChange(change("v4 v5")).votersOutgoing).toEqual([1, 2, 3]);
  });
});

describe("4.2.1 of the thesis: new members catch up as learners first", () => {
  /** Leads, with a log, and a joiner that cannot be reached yet. */
  function joining(as: string): Group {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    for (const text of ["a", "b", "c"]) group.core(1).propose([bytes(text)]);
    group.add(4);
    group.cut(4).core(1).proposeConfChange(change(as));
    group.settle();
    return group;
  }

  test("figure 4.4: a new voter without a log may stand in the way of commits", () => {
    const group = joining("v4");
    group
      .cut(3, 4)
      .core(1)
      .propose([bytes("x")]);
    group.settle();
    expect(group.texts(1)).not.toContain("x");
  });

  test("a learner does not count", () => {
    const group = joining("l4");
    group
      .cut(3, 4)
      .core(1)
      .propose([bytes("x")]);
    group.settle();
    expect(group.texts(1)).toContain("x");
  });

  test("the leader knows how far it came, and promotes it with everything it needs", () => {
    const group = joining("l4");
    const learner = (): unknown =>
      group
        .core(1)
        .status()
        .peers.find(({ id }) => id === 4);
    expect(learner()).toMatchObject({ learner: true, match: 0 });
    group.cut().tick(3);
    expect(learner()).toMatchObject({ learner: true, match: group.core(1).status().lastIndex });
    group.core(1).proposeConfChange(change("v4"));
    group.settle();
    expect(group.texts(4)).toEqual(["a", "b", "c"]);
    expect(group.core(4).status().confState).toMatchObject({ voters: [1, 2, 3, 4], learners: [] });
  });
});

describe("4.2.2 of the thesis: removing the leader", () => {
  test("it commits the change without its own vote and steps down then", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).proposeConfChange(change("r1"));
    expect(group.core(1).status().role).toBe("leader");
    group.settle();
    expect(group.core(1).status()).toMatchObject({ role: "follower" });
    group.tick(40);
    expect(group.leaders).toHaveLength(1);
    expect(group.leaders).not.toContain(1);
  });
});

describe("4.2.3 of the thesis: disruptive members", () => {
  /** Node 3 was removed and does not know it, since it was cut off. */
  function removed(options = {}): Group {
    const group = new Group([1, 2, 3], options);
    group.elect(1);
    group.tick();
    group.cut(3).core(1).proposeConfChange(change("r3"));
    group.settle();
    return group;
  }

  test("without pre-vote and lease they depose the leader again and again", () => {
    const group = removed({ preVote: false, checkQuorum: false });
    group.cut(3).tick(3);
    group.core(3).campaign();
    group.cut().settle();
    expect(group.core(1).status()).toMatchObject({ role: "follower", term: 3 });
  });

  test.each([
    { preVote: true, checkQuorum: true },
    { preVote: false, checkQuorum: true },
    { preVote: true, checkQuorum: false },
  ])("with $preVote pre-vote and $checkQuorum lease the leader stays", (options) => {
    const group = removed(options);
    // The others go on meanwhile, so that the log of node 3 is behind.
    group.core(1).propose([bytes("x")]);
    group.tick(3);
    group.core(3).campaign();
    group.cut().tick(2);
    expect(group.leaders).toEqual([1]);
  });
});

describe("4.3 of the thesis: any change by joint consensus", () => {
  test("all members at once are replaced, while the group goes on", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    for (const id of [4, 5, 6]) group.add(id);
    group.core(1).proposeConfChange(change("v4 v5 v6 r1 r2 r3"));
    group.core(1).propose([bytes("meanwhile")]);
    group.settle();
    group.tick(60);
    expect(group.leaders).toHaveLength(1);
    expect([4, 5, 6]).toContain(group.leaders[0]);
    group.core(group.leaders[0]!).propose([bytes("after")]);
    group.settle();
    for (const id of [4, 5, 6]) expect(group.texts(id)).toEqual(["meanwhile", "after"]);
    expect(nodeId(4)).toBe(4);
  });
});
