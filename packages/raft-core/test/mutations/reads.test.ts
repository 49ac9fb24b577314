import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { bytes } from "../group/group.ts";
import { change, members } from "../membership/change-text.ts";
import { Single, round } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const read = (single: Single, text: string): Single => {
  single.core.readIndex(bytes(text));
  return single.run();
};
const answer = (text: string, index = 2): object => ({ index, context: bytes(text) });

describe("reads on the leader", () => {
  test("a read is answered before a quorum was heard", () => {
    const single = new Single([1, 2, 3, 4, 5]).tick(10);
    for (const id of [2, 3]) single.from(id, "vote-response");
    single.ack(2).ack(3);
    read(single, "a").from(2, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([]);
    single.from(3, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([answer("a")]);
  });

  test("an answer to an earlier read confirms a later one", () => {
    const single = read(read(new Single().lead().ack(2), "same"), "same");
    single.from(2, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([answer("same")]);
    single.from(2, "heartbeat-response", { context: round(2) });
    expect(single.reads).toHaveLength(2);
  });

  test("a heartbeat names no read", () => {
    const single = read(new Single().lead().ack(2), "a");
    single.take();
    expect(single.tick().take()).toMatchObject([{ context: round(1) }, { context: round(1) }]);
  });

  test("reads from before the first commit of the term are dropped", () => {
    const single = read(new Single().lead(), "a").ack(2);
    expect(single.from(2, "heartbeat-response", { context: round(1) }).reads).toEqual([
      answer("a"),
    ]);
  });

  test("reads from before the first commit of the term are answered", () => {
    const single = read(new Single().lead(), "a");
    expect(single.take()).toEqual([]);
    expect(single.peer(2).match).toBe(0);
    expect(single.ack(2).from(2, "heartbeat-response", { context: round(1) }).reads).toEqual([
      answer("a"),
    ]);
  });

  test("a lease answers reads from before the first commit of the term", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true, readMode: "lease" }).lead();
    expect(read(single, "a").reads).toEqual([]);
    expect(single.ack(2).reads).toEqual([answer("a")]);
  });

  test("a lease is trusted although no quorum was heard since the last check", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true, readMode: "lease" }).lead().ack(2);
    // The quorum check passes, since 2 was heard, and a new period begins in silence.
    expect(read(single.tick(10), "a").reads).toEqual([]);
    expect(single.from(2, "heartbeat-response", { context: round(1) }).reads).toEqual([
      answer("a"),
    ]);
    expect(read(single, "b").reads).toEqual([answer("a"), answer("b")]);
  });

  test("a lease is trusted while leadership is handed over", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true, readMode: "lease" }).lead().ack(2);
    single.core.transferLeadership(nodeId(2));
    expect(read(single, "a").reads).toEqual([]);
  });

  test("one half of a joint configuration confirms a read", () => {
    const both = members({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] });
    const single = new Single([], { initial: stored([1], { members: both }) }).tick(10);
    for (const id of [2, 4]) single.from(id, "vote-response");
    single.ack(2).ack(4);
    read(single, "a").from(2, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([]);
    single.from(5, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([answer("a")]);
  });

  test("a voter that is alone in both halves waits for others to confirm its read", () => {
    const both = members({ voters: [1], votersOutgoing: [1] });
    const single = new Single([], { initial: stored([1], { members: both }) });
    single.core.campaign();
    expect(read(single.run(), "a").reads).toEqual([answer("a")]);
  });

  test("reads go on waiting when the quorum shrank to those who answered", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").ack(2).ack(3);
    read(single, "a").from(2, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([]);
    single.core.applyConfChange(change("r4"));
    expect(single.run().reads).toEqual([answer("a")]);
  });

  test("reads outlive the leadership", () => {
    const single = read(new Single().lead().ack(2), "a").from(2, "heartbeat", { term: 5 });
    single
      .lead()
      .ack(2)
      .from(2, "heartbeat-response", { context: new Uint8Array(0) });
    read(single, "b").from(2, "heartbeat-response", { context: round(1) });
    expect(single.reads).toEqual([answer("b", 3)]);
  });
});

describe("reads of others", () => {
  test("a read that is forwarded carries a term", () => {
    const single = new Single().from(2, "heartbeat", { term: 4 });
    single.take();
    expect(read(single, "a").take()).toEqual([
      { type: "read-index", from: 1, to: 2, term: 0, context: bytes("a") },
    ]);
  });

  test("a leader drops a read that carries no term", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.from(3, "read-index", { term: 0, context: bytes("a") });
    expect(single.take()).toMatchObject([{ type: "heartbeat" }, { type: "heartbeat" }]);
  });

  test("a leader without other voters keeps the answer to a learner's read", () => {
    const initial = stored([1], { members: members({ voters: [1], learners: [2] }) });
    const single = new Single([], { initial });
    single.core.campaign();
    single.run().take();
    single.from(2, "read-index", { term: 0, context: bytes("a") });
    expect(single.take()).toMatchObject([{ type: "read-index-response", to: 2, index: 2 }]);
    expect(single.reads).toEqual([]);
  });
});
