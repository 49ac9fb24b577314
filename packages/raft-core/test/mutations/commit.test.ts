import { describe, expect, test } from "vitest";
import { encodeConfChange } from "../../src/codec/conf-change.ts";
import { Asynchronous } from "../async/asynchronous.ts";
import { change, members } from "../membership/change-text.ts";
import { Single, entry } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const entries = (from: number, to: number): object[] =>
  Array.from({ length: to - from + 1 }, (_, at) => entry(from + at, 1));

describe("committing on the leader", () => {
  test("an entry of an earlier term is committed by counting", () => {
    const single = new Single([], { initial: stored([1, 2]) }).lead();
    single.from(2, "append-response", { index: 2 });
    expect(single.core.status()).toMatchObject({ term: 3, commit: 1 });
    single.from(2, "append-response", { index: 3 });
    expect(single.core.status().commit).toBe(3);
  });

  test("a leader appends no entry of its own term", () => {
    const single = new Single([], { initial: stored([1, 2]) }).lead();
    const noop = { kind: "normal", index: 3, term: 3, data: new Uint8Array(0) };
    expect(single.readies.flatMap((ready) => ready.entries)).toEqual([noop]);
  });

  test("half of the voters commit", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response");
    expect(single.ack(2).core.status().commit).toBe(1);
    expect(single.ack(3).core.status().commit).toBe(2);
  });

  test("one half of a joint configuration commits", () => {
    const both = members({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] });
    const single = new Single([], { initial: stored([1], { members: both }) }).tick(10);
    for (const id of [2, 4]) single.from(id, "vote-response");
    expect(single.ack(2).ack(3).core.status()).toMatchObject({ role: "leader", commit: 1 });
    expect(single.ack(4).core.status().commit).toBe(2);
  });

  test("a leader counts its own copy before it is durable", () => {
    const single = new Single().lead().ack(2);
    single.core.propose([Uint8Array.of(1)]);
    single.core.ready();
    const answer = { type: "append-response", from: 2, to: 1, term: 2, index: 3, reject: false };
    single.core.step({ ...answer, rejectHint: 0, logTerm: 0 } as never);
    expect(single.core.status().commit).toBe(2);
    single.core.advance();
    expect(single.core.status().commit).toBe(3);
  });

  test("a leader that comes back counts its own copy before it is durable", () => {
    const { core } = new Single([1, 2, 3], { stepDownOnRemoval: false }).lead().ack(2).ack(3);
    core.propose([Uint8Array.of(1)]);
    core.ready();
    core.applyConfChange(change("r1"));
    core.applyConfChange(change("v1"));
    const answer = { type: "append-response", from: 2, to: 1, term: 2, index: 3, reject: false };
    core.step({ ...answer, rejectHint: 0, logTerm: 0 } as never);
    expect(core.status().commit).toBe(2);
    core.advance();
    expect(core.status().commit).toBe(3);
  });

  test("a single voter is handed its entry as committed before that is durable", () => {
    const single = new Single([1]);
    single.core.campaign();
    single.run().core.propose([Uint8Array.of(1)]);
    const written = single.core.ready();
    expect(written).toMatchObject({ entries: [{ index: 3 }], committedEntries: [] });
    single.core.advance();
    expect(single.core.ready().committedEntries).toMatchObject([{ index: 3 }]);
  });

  test("a smaller quorum commits nothing by itself", () => {
    const single = new Single([1, 2, 3, 4]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").ack(2).take();
    single.core.applyConfChange(change("r4"));
    expect(single.run().core.status().commit).toBe(2);
    expect(single.take()).toContainEqual(expect.objectContaining({ to: 2, commit: 2 }));
  });
});

describe("telling and learning the commit index", () => {
  test("a heartbeat names a commit that the peer may not have", () => {
    const single = new Single().lead().ack(2);
    single.take();
    expect(single.tick().take()).toMatchObject([
      { type: "heartbeat", to: 2, commit: 2 },
      { type: "heartbeat", to: 3, commit: 0 },
    ]);
  });

  test("a follower commits beyond what it knows to match", () => {
    const single = new Single([], { initial: stored([1, 1, 1]) });
    single.from(2, "append", { term: 2, index: 2, logTerm: 1, commit: 3 });
    expect(single.core.status().commit).toBe(2);
  });

  test("the commit index goes back", () => {
    const single = new Single([], { initial: stored([1, 1, 1], { commit: 3 }) });
    single.from(2, "heartbeat", { commit: 2 });
    expect(single.core.status().commit).toBe(3);
    expect(single.readies.at(-1)?.hardState).toBeUndefined();
  });

  test("a commit alone asks for a sync", () => {
    const single = new Single().from(2, "append", { index: 1, logTerm: 1, entries: entries(2, 3) });
    single.from(2, "heartbeat", { commit: 3 });
    const last = single.readies.at(-1);
    expect(last).toMatchObject({ hardState: { commit: 3 }, entries: [], mustSync: false });
  });

  test("an acknowledgement leaves before its entries are durable", () => {
    const { core } = new Single();
    const append = { type: "append", from: 2, to: 1, term: 1, index: 1, logTerm: 1, commit: 1 };
    core.step({ ...append, entries: entries(2, 2) } as never);
    const { messages, messagesAfterPersist } = core.ready();
    expect(messages).toEqual([]);
    expect(messagesAfterPersist).toMatchObject([{ type: "append-response", index: 2 }]);
  });
});

describe("handing out for applying", () => {
  const applying = (node: Asynchronous): number[][] =>
    node.applies.map((request) => request.entries.map(({ index }) => index));

  /** Entries of a hundred bytes: two stay below 250, whatever else is counted; the third goes beyond. */
  const hundreds = (from: number, to: number): object[] =>
    entries(from, to).map((one) => ({ ...one, data: new Uint8Array(100) }));

  test("what is not durable is handed out for applying with asynchronous writes", () => {
    const node = new Asynchronous();
    node.from(2, "append", { index: 1, logTerm: 1, entries: entries(2, 2), commit: 2 });
    expect(applying(node)).toEqual([]);
    expect(applying(node.write())).toEqual([[2]]);
  });

  test("applying goes on at the byte limit", () => {
    const node = new Asynchronous({ maxCommittedBytesPerReady: 250 });
    node.from(2, "append", { index: 1, logTerm: 1, entries: hundreds(2, 6), commit: 6 });
    expect(applying(node.write())).toEqual([[2, 3]]);
    expect(node.core.hasReady()).toBe(false);
    expect(applying(node.apply())).toEqual([[4, 5]]);
  });

  test("the byte limit of applying holds for each Ready alone", () => {
    const node = new Asynchronous({ maxCommittedBytesPerReady: 250 });
    node.from(2, "append", { index: 1, logTerm: 1, entries: hundreds(2, 6) }).write();
    for (const commit of [2, 3, 4, 5, 6]) node.from(2, "heartbeat", { commit });
    expect(applying(node)).toEqual([[2], [3], [4]]);
    expect(applying(node.apply())).toEqual([[3], [4], [5]]);
  });

  test("a Ready is handed out again before the last one was dealt with", () => {
    const { core } = new Single();
    core.ready();
    expect(core.hasReady()).toBe(false);
    expect(() => core.ready()).toThrow(expect.objectContaining({ code: "out-of-turn" }));
  });
});

describe("bytes without a commit", () => {
  const code = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    }
  };
  const full = (): Single => {
    const single = new Single([1, 2, 3], { maxUncommittedBytes: 100 }).lead().ack(2);
    single.core.propose([new Uint8Array(90)]);
    return single.run();
  };

  test("there is no limit to what waits for its commit", () => {
    const single = full();
    expect(code(() => single.core.propose([new Uint8Array(90)]))).toBe("uncommitted-limit");
  });

  test("a refused change counts by its own bytes, not by what takes its place", () => {
    const single = new Single([1, 2, 3], { maxUncommittedBytes: 200 }).lead().ack(2);
    const data = encodeConfChange({ ...change(), context: new Uint8Array(150) });
    single.from(3, "propose", { term: 0, entries: [{ kind: "conf-change-v2", data }] });
    expect(single.core.status().lastIndex).toBe(3);
    expect(code(() => single.core.propose([new Uint8Array(150)]))).toBeUndefined();
  });

  test("committed bytes go on to count as waiting", () => {
    const single = full().ack(2);
    single.core.propose([new Uint8Array(90)]);
    expect(single.run().core.status().lastIndex).toBe(4);
  });

  test("bytes of an earlier leadership go on to count as waiting", () => {
    const single = full().from(3, "heartbeat", { term: 5 }).lead();
    single.core.propose([new Uint8Array(90)]);
    expect(single.run().core.status()).toMatchObject({ role: "leader", term: 6, lastIndex: 5 });
  });
});
