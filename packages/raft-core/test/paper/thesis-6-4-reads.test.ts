import { describe, expect, test } from "vitest";
import { Group, bytes } from "../group/group.ts";
import { change } from "../membership/change-text.ts";
import { Single, round } from "./single.ts";

describe("6.4 of the thesis: reads without the log", () => {
  test("need a quorum that was heard after they were asked", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.core.readIndex(bytes("a"));
    expect(single.run().take()).toMatchObject([
      { type: "heartbeat", to: 2, context: round(1) },
      { type: "heartbeat", to: 3, context: round(1) },
    ]);
    single.from(2, "heartbeat-response");
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([]);
    single.from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([
      { index: 2, context: bytes("a") },
    ]);
  });

  test("with equal bytes are told apart: an answer to the first does not confirm the second", () => {
    const single = new Single().lead().ack(2);
    single.core.readIndex(bytes("same"));
    single.core.readIndex(bytes("same"));
    single.run().from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toHaveLength(1);
  });

  test("wait until the leader has committed in its term", () => {
    const single = new Single().lead();
    single.from(3, "read-index", { term: 0, context: bytes("r") });
    expect(single.take()).toEqual([]);
    single.ack(2).from(2, "heartbeat-response", { context: round(1) });
    expect(single.take()).toContainEqual({
      type: "read-index-response",
      from: 1,
      to: 3,
      term: 2,
      index: 2,
      context: bytes("r"),
    });
  });

  test("are answered when the quorum shrinks", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").ack(2).ack(3);
    single.core.readIndex(bytes("a"));
    single.run().from(2, "heartbeat-response", { context: round(1) });
    expect(single.readies.flatMap((ready) => ready.readStates)).toEqual([]);
    single.core.applyConfChange(change("r4"));
    single.run();
    expect(single.readies.flatMap((ready) => ready.readStates)).toHaveLength(1);
  });
});

describe("6.4.1 of the thesis: reads by the lease", () => {
  test("a follower in the lease votes for nobody, so that the leader may answer alone", () => {
    const group = new Group([1, 2, 3], { readMode: "lease", preVote: false });
    group.elect(1);
    group.tick(2);
    group.cut(3).tick(5);
    group.core(3).campaign();
    group.cut().settle();
    expect(group.leaders).toEqual([1]);
    group.core(1).readIndex(bytes("a"));
    group.drop = () => true;
    group.settle();
    expect(group.member(1).reads).toMatchObject([{ context: bytes("a") }]);
  });
});
