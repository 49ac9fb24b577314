import { describe, expect, test } from "vitest";
import { Group, bytes } from "../group/group.ts";
import { Single, entry } from "./single.ts";

describe("5.5: follower and candidate crashes", () => {
  test("what is sent to a crashed member is sent again until it is back", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.cut(3);
    for (const text of ["a", "b"]) group.core(1).propose([bytes(text)]);
    group.settle();
    group.tick(3);
    expect(group.core(1).status().commit).toBe(4);
    group.restart(3);
    group.cut().tick(2);
    expect(group.texts(3)).toEqual(["a", "b"]);
    expect(group.terms(3)).toEqual(group.terms(1));
  });

  test("a member that did what it was asked for, and crashed before it said so, does it once", () => {
    const single = new Single();
    const append = { index: 1, logTerm: 1, entries: [entry(2, 1)] };
    single.from(2, "append", append).take();
    single.from(2, "append", append);
    expect(single.take()).toMatchObject([{ index: 2, reject: false }]);
    expect(single.readies.flatMap(({ entries }) => entries)).toHaveLength(1);
  });

  test("a vote that was cast before a crash holds after it", () => {
    const group = new Group([1, 2, 3], { preVote: false, checkQuorum: false });
    group.drop = ({ type }) => type === "vote-response";
    group.elect(1);
    const { core } = group.restart(3);
    expect(core.status()).toMatchObject({ term: 2, vote: 1 });
    group.cut();
    core.step({
      ...{ type: "vote", from: 2, to: 3, term: 2, index: 9, logTerm: 1 },
      ...{ transfer: false, priority: 0 },
    } as never);
    expect(core.ready().messagesAfterPersist).toMatchObject([{ to: 2, reject: true }]);
  });

  test("a candidate that crashes leaves its election to the others", () => {
    const group = new Group([1, 2, 3]);
    group.core(1).campaign();
    group.cut(1).tick(40);
    expect(group.leaders).toHaveLength(1);
    group.restart(1);
    group.cut().tick(2);
    expect(group.core(1).status()).toMatchObject({ role: "follower", leader: group.leaders[0] });
  });

  test("a whole group that crashed goes on with what was committed", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).propose([bytes("a")]);
    group.settle();
    for (const id of [1, 2, 3]) group.restart(id);
    group.elect(2);
    for (const id of [1, 2, 3]) expect(group.texts(id)).toEqual(["a"]);
  });
});
