import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Single, entry } from "./single.ts";

describe("10.2.1 of the thesis: writing to the leader's disk in parallel", () => {
  test("appends leave at once, acknowledgements only after the write", () => {
    const { core } = new Single().lead().ack(2).ack(3);
    core.propose([Uint8Array.of(1)]);
    const ready = core.ready();
    expect(ready.messages.map(({ type }) => type)).toEqual(["append", "append"]);
    expect(ready.entries).toHaveLength(1);
    expect(ready.mustSync).toBe(true);
    const follower = new Single().core;
    const append = { from: 2, to: 1, term: 1, type: "append", index: 1, logTerm: 1, commit: 2 };
    follower.step({ ...append, entries: [entry(2, 1)] } as never);
    const taken = follower.ready();
    expect(taken.messages).toEqual([]);
    expect(taken.messagesAfterPersist).toEqual([
      expect.objectContaining({ type: "append-response", index: 2, reject: false }),
    ]);
    expect(taken.committedEntries.map(({ index }) => index)).toEqual([2]);
  });

  test("a leader commits by a quorum of durable copies, its own among them", () => {
    const single = new Single([1, 2, 3, 4, 5]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response");
    expect(single.ack(2).core.status().commit).toBe(1);
    expect(single.ack(3).core.status().commit).toBe(2);
    single.core.propose([Uint8Array.of(1)]);
    // Two peers have it, the leader's own write is still under way.
    single.core.ready();
    single.core.step({
      from: 2,
      to: 1,
      term: 2,
      type: "append-response",
      index: 3,
      reject: false,
      rejectHint: 0,
      logTerm: 0,
    } as never);
    single.core.step({
      from: 3,
      to: 1,
      term: 2,
      type: "append-response",
      index: 3,
      reject: false,
      rejectHint: 0,
      logTerm: 0,
    } as never);
    expect(single.core.status().commit).toBe(2);
    single.core.advance();
    expect(single.core.status().commit).toBe(3);
  });
});

describe("10.2.2 of the thesis: batching and pipelining", () => {
  test("a peer that is probed gets one append per heartbeat", () => {
    const single = new Single().lead();
    for (const text of ["a", "b"]) single.propose(text);
    expect(single.take()).toEqual([]);
    single.from(2, "heartbeat-response");
    expect(single.take().map(({ type, to }) => [type, to])).toEqual([["append", 2]]);
  });

  test("a window of appends without an answer; more when it opens", () => {
    const single = new Single([1, 2, 3], { maxInflightAppends: 2 }).lead().ack(2);
    single.take();
    for (const text of ["a", "b", "c", "d"]) single.propose(text);
    const appends = single.take().filter(({ to }) => to === 2);
    expect(appends.map((m) => "entries" in m && m.entries.length)).toEqual([1, 1]);
    single.from(2, "append-response", { index: 3 });
    const next = single.take().find(({ to, type }) => to === 2 && type === "append");
    expect(next).toMatchObject({ index: 4, entries: [{ index: 5 }, { index: 6 }] });
  });

  test("appends are cut by size", () => {
    const single = new Single([1, 2, 3], { maxBytesPerAppend: 60 }).lead().ack(2);
    single.take();
    single.core.propose([1, 2, 3].map((size) => new Uint8Array(size)));
    single.run();
    const sizes = single
      .take()
      .filter(({ to }) => to === 2)
      .map((m) => "entries" in m && m.entries.length);
    expect(sizes).toEqual([2]);
    expect(single.from(2, "append-response", { index: 4 }).take()).toContainEqual(
      expect.objectContaining({
        to: 2,
        type: "append",
        entries: [expect.objectContaining({ index: 5 })],
      }),
    );
  });

  test("an unreachable peer is probed again", () => {
    const single = new Single().lead().ack(2);
    single.core.reportUnreachable(nodeId(2));
    expect(single.core.status().peers.find(({ id }) => id === 2)?.state).toBe("probe");
  });

  test("proposals without a commit are bounded, one oversized one is let in", () => {
    const single = new Single([1, 2, 3], { maxUncommittedBytes: 100 }).lead().ack(2);
    single.core.propose([new Uint8Array(500)]);
    const more = (): unknown => single.core.propose([new Uint8Array(1)]);
    expect(more).toThrow(expect.objectContaining({ code: "uncommitted-limit" }));
    single.run().ack(2);
    expect(more).not.toThrow();
  });

  test("heartbeats never name a commit that the peer may not have", () => {
    const single = new Single().lead().ack(2);
    single.take();
    const commits = single
      .tick()
      .take()
      .map((m) => [m.to, "commit" in m && m.commit]);
    expect(commits).toEqual([
      [2, 2],
      [3, 0],
    ]);
  });
});

describe("10.2.2 of the thesis: telling followers of the commit index", () => {
  test("again when a heartbeat named a lower one", () => {
    const single = new Single().lead().ack(2).ack(3);
    single.propose("a").ack(2).tick().take();
    single.ack(3);
    expect(single.take()).toMatchObject([{ type: "append", to: 3, entries: [], commit: 3 }]);
  });

  test("not when there is nothing new", () => {
    const single = new Single([1, 2, 3, 4, 5]).tick(10);
    single.from(2, "vote-response").from(3, "vote-response").take();
    expect(single.ack(2).take()).toEqual([]);
  });
});
