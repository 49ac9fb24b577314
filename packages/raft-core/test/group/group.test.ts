import { describe, expect, test } from "vitest";
import { isRaftError, nodeId } from "../../src/index.ts";
import { change } from "../membership/change-text.ts";
import { Group, bytes } from "./group.ts";

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isRaftError(error) ? error.code : String(error);
  }
}

describe("a group", () => {
  test("of one elects itself and commits", () => {
    const group = new Group([1]);
    group.elect(1);
    expect(group.core(1).status()).toMatchObject({ role: "leader", term: 2, commit: 2 });
    group.core(1).propose([bytes("a"), bytes("b")]);
    group.settle();
    expect(group.texts(1)).toEqual(["a", "b"]);
  });

  test("of three elects by ticking, replicates, and all apply the same", () => {
    const group = new Group([1, 2, 3]);
    group.tick(25);
    const leaders = [1, 2, 3].filter((id) => group.core(id).status().role === "leader");
    expect(leaders).toHaveLength(1);
    group.core(leaders[0]!).propose([bytes("x")]);
    group.settle();
    for (const id of [1, 2, 3]) expect(group.texts(id)).toEqual(["x"]);
  });

  test("forwards proposals, reads and transfers from a follower", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(2).propose([bytes("via 2")]);
    group.settle();
    expect(group.texts(3)).toEqual(["via 2"]);
    group.core(3).readIndex(bytes("r"));
    group.core(1).readIndex(bytes("s"));
    group.settle();
    const at = group.core(1).status().commit;
    expect(group.member(3).reads).toEqual([{ index: at, context: bytes("r") }]);
    expect(group.member(1).reads).toEqual([{ index: at, context: bytes("s") }]);
    group.core(2).transferLeadership(nodeId(3));
    group.settle();
    expect(group.core(3).status()).toMatchObject({ role: "leader", term: 3 });
    expect(group.core(1).status()).toMatchObject({ role: "follower", leader: 3 });
  });

  test("says why a proposal is refused", () => {
    const group = new Group([1, 2, 3]);
    expect(codeOf(() => group.core(1).propose([bytes("x")]))).toBe("no-leader");
    expect(codeOf(() => group.core(1).readIndex(bytes("x")))).toBe("no-leader");
    group.elect(1);
    expect(codeOf(() => group.core(1).propose([]))).toBe("invalid-argument");
    group.drop = () => true;
    group.core(1).propose([bytes("y")]);
    group.core(1).transferLeadership(nodeId(2));
    expect(codeOf(() => group.core(1).propose([bytes("x")]))).toBe("transfer-in-progress");
  });

  test("adds a joiner that starts empty, by snapshot and entries", () => {
    const group = new Group([1]);
    group.elect(1);
    group.core(1).propose([bytes("a")]);
    group.settle();
    group.add(2);
    group.core(1).proposeConfChange(change("v2"));
    group.settle();
    group.tick(2);
    expect(group.core(2).status().confState.voters).toEqual([1, 2]);
    expect(group.texts(2)).toEqual(["a"]);
    group.core(1).propose([bytes("b")]);
    group.settle();
    expect(group.texts(2)).toEqual(["a", "b"]);
  });

  test("sends a snapshot when the entries are gone", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.drop = ({ from, to }) => from === 3 || to === 3;
    for (const text of ["a", "b", "c"]) group.core(1).propose([bytes(text)]);
    group.settle();
    const { applied, term, confState } = group.core(1).status();
    group.core(1).compact({ index: applied, term, confState }, applied);
    group.drop = () => false;
    group.tick(3);
    expect(group.member(3).snapshots.map(({ index }) => index)).toEqual([applied]);
    group.core(1).propose([bytes("d")]);
    group.settle();
    expect(group.texts(3)).toEqual(["d"]);
    expect(
      group
        .core(1)
        .status()
        .peers.map(({ state }) => state),
    ).toEqual(Array(3).fill("replicate"));
  });

  test("removes its leader, which steps down", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).proposeConfChange(change("r1"));
    group.settle();
    expect(group.core(1).status()).toMatchObject({ role: "follower" });
    expect(group.core(2).status().confState.voters).toEqual([2, 3]);
    group.tick(25);
    const leads = [2, 3].filter((id) => group.core(id).status().role === "leader");
    expect(leads).toHaveLength(1);
    expect(group.core(1).status().role).toBe("follower");
  });

  test("changes several voters by way of two quorums and leaves that state by itself", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    for (const id of [4, 5]) group.add(id);
    group.core(1).proposeConfChange(change("v4 v5 r2 l3"));
    group.settle();
    group.tick(5);
    for (const id of [1, 3, 4, 5])
      expect(group.core(id).status().confState).toEqual({
        voters: [1, 4, 5],
        learners: [3],
        votersOutgoing: [],
        learnersNext: [],
        autoLeave: false,
      });
    group.core(3).campaign();
    expect(group.core(3).status().role).toBe("follower");
  });

  test("allows one change at a time and refuses what cannot be", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    expect(codeOf(() => group.core(1).proposeConfChange(change()))).toBe("not-joint");
    group.core(1).proposeConfChange(change("l4"));
    const again = change("l5");
    expect(codeOf(() => group.core(1).proposeConfChange(again))).toBe("change-in-flight");
    group.settle();
    expect(codeOf(() => group.core(1).proposeConfChange(again))).toBe(undefined);
    const alone = new Group([1]);
    alone.elect(1);
    expect(codeOf(() => alone.core(1).proposeConfChange(change("r1")))).toBe("unsupported-change");
  });

  test("a leader without a quorum steps down; the others elect", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.drop = ({ from, to }) => from === 1 || to === 1;
    group.tick(35);
    expect(group.core(1).status().role).not.toBe("leader");
    expect([2, 3].filter((id) => group.core(id).status().role === "leader")).toHaveLength(1);
    group.drop = () => false;
    group.tick(25);
    expect(new Set([1, 2, 3].map((id) => group.core(id).status().leader)).size).toBe(1);
  });
});
