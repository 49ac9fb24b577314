import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Single, entry } from "./single.ts";

describe("5.3 log replication", () => {
  test("a leader begins its term with an empty entry, sent to all", () => {
    const single = new Single();
    single.core.campaign();
    single.run().take();
    single.from(2, "vote-response");
    const noop = { kind: "normal", index: 2, term: 2, data: new Uint8Array(0) };
    const append = { type: "append", from: 1, term: 2, index: 1, logTerm: 1, commit: 1 };
    expect(single.take()).toEqual([2, 3].map((to) => ({ ...append, to, entries: [noop] })));
  });

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

  test("a commit without anything else needs no sync", () => {
    const single = new Single().lead();
    single.ack(2);
    const last = single.readies.at(-1)!;
    expect(last).toMatchObject({ hardState: { commit: 2 }, entries: [], mustSync: false });
    expect(last.committedEntries).toHaveLength(1);
  });

  test.each([
    { name: "a missing tail", index: 9, logTerm: 3, hint: 4, term: 3 },
    { name: "a conflicting term", index: 4, logTerm: 2, hint: 3, term: 2 },
    { name: "an earlier term than any", index: 3, logTerm: 1, hint: 1, term: 1 },
  ])("a follower refuses $name and says where to try next", ({ index, logTerm, hint, term }) => {
    const single = new Single();
    const entries = [entry(2, 2), entry(3, 2), entry(4, 3)];
    single.from(2, "append", { term: 3, index: 1, logTerm: 1, entries }).take();
    single.from(3, "append", { term: 4, index, logTerm, entries: [entry(index + 1, 4)] });
    expect(single.take()).toEqual([
      expect.objectContaining({ reject: true, index, rejectHint: hint, logTerm: term }),
    ]);
  });

  test("what lies below the commit is acknowledged with it", () => {
    const single = new Single();
    const entries = [entry(2, 1), entry(3, 1), entry(4, 1)];
    single.from(2, "append", { index: 1, logTerm: 1, entries, commit: 4 }).take();
    single.from(2, "append", { index: 2, logTerm: 1, entries: [] });
    expect(single.take()).toEqual([expect.objectContaining({ reject: false, index: 4 })]);
  });

  test("a follower commits what it knows to match, and no more", () => {
    const single = new Single();
    const entries = [entry(2, 1), entry(3, 1)];
    single.from(2, "append", { index: 1, logTerm: 1, entries });
    single.from(2, "append", { index: 2, logTerm: 1, commit: 99 });
    expect(single.core.status().commit).toBe(2);
  });

  test("a refusal sends the leader back by whole terms, and a stale one nowhere", () => {
    const single = new Single();
    const entries = [2, 3, 4, 5, 6].map((index) => entry(index, index < 4 ? 1 : 3));
    single.from(2, "append", { term: 3, index: 1, logTerm: 1, entries });
    single.lead();
    single.from(3, "append-response", { index: 6, reject: true, rejectHint: 5, logTerm: 2 });
    expect(single.take()).toEqual([
      expect.objectContaining({ type: "append", to: 3, index: 3, logTerm: 1 }),
    ]);
    single.from(3, "append-response", { index: 6, reject: true, rejectHint: 1, logTerm: 1 });
    expect(single.take()).toEqual([]);
  });
});

test("5.4.2: entries of earlier terms are committed only along with one of the own term", () => {
  const single = new Single();
  single.from(2, "append", { term: 2, index: 1, logTerm: 1, entries: [entry(2, 2)] });
  single.lead();
  expect(single.core.status()).toMatchObject({ term: 3, lastIndex: 3 });
  single.from(2, "append-response", { index: 2 });
  expect(single.core.status().commit).toBe(1);
  single.from(2, "append-response", { index: 3 });
  expect(single.core.status().commit).toBe(3);
});

describe("flow control", () => {
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

describe("telling the commit index", () => {
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

describe("7 snapshots", () => {
  function compacted(): Single {
    const single = new Single().lead().ack(2);
    for (const text of ["a", "b"]) single.propose(text).ack(2);
    const { applied, term, confState } = single.core.status();
    single.core.compact({ index: applied, term, confState }, applied);
    single.take();
    return single;
  }

  test("are sent to an active peer whose entries are gone, and nothing else until it answers", () => {
    const single = compacted();
    single.from(3, "heartbeat-response");
    const snapshot = { type: "snapshot", to: 3, snapshot: { metadata: { index: 4, term: 2 } } };
    expect(single.take()).toMatchObject([snapshot]);
    single.propose("c").from(3, "heartbeat-response");
    expect(single.take().filter(({ to }) => to === 3)).toEqual([]);
    single.from(3, "append-response", { index: 4 });
    expect(single.take().find(({ to }) => to === 3)).toMatchObject({
      type: "append",
      index: 4,
    });
  });

  test("are not sent to a peer that is silent", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead().ack(2).ack(3);
    for (const text of ["a", "b"]) single.propose(text).ack(2);
    const { applied, term, confState } = single.core.status();
    single.core.compact({ index: applied, term, confState }, applied);
    single.tick(10).from(2, "heartbeat-response");
    single.core.reportUnreachable(nodeId(3));
    single.take();
    single.propose("c");
    expect(single.take().filter(({ to }) => to === 3)).toEqual([]);
  });

  test("that failed are sent again after the next heartbeat", () => {
    const single = compacted().from(3, "heartbeat-response");
    single.take();
    single.core.reportSnapshot(nodeId(3), "failed");
    expect(single.run().take()).toEqual([]);
    single.from(3, "heartbeat-response");
    expect(single.take()).toMatchObject([{ type: "snapshot", to: 3 }]);
  });

  test("replace the log, are applied first, and are acknowledged after the write", () => {
    const single = new Single();
    const confState = { ...single.core.status().confState, learners: [4] };
    const metadata = { index: 9, term: 1, confState };
    single.core.step({
      from: 2,
      to: 1,
      term: 1,
      type: "snapshot",
      snapshot: { metadata, data: new Uint8Array(0) },
    } as never);
    const ready = single.core.ready();
    expect(ready).toMatchObject({
      snapshot: { metadata },
      committedEntries: [],
      messages: [],
      mustSync: true,
    });
    expect(ready.messagesAfterPersist).toMatchObject([{ type: "append-response", index: 9 }]);
    single.core.advance();
    expect(single.core.status()).toMatchObject({ applied: 9, firstIndex: 10, confState });
  });

  test("older than the commit, or within the log, change no entries", () => {
    const single = new Single();
    const confState = single.core.status().confState;
    const entries = [entry(2, 1), entry(3, 1), entry(4, 1)];
    single.from(2, "append", { index: 1, logTerm: 1, entries, commit: 2 }).take();
    const data = new Uint8Array(0);
    single.from(2, "snapshot", { snapshot: { data, metadata: { index: 1, term: 1, confState } } });
    expect(single.take()).toMatchObject([{ type: "append-response", index: 2 }]);
    single.from(2, "snapshot", { snapshot: { data, metadata: { index: 3, term: 1, confState } } });
    expect(single.take()).toMatchObject([{ type: "append-response", index: 3 }]);
    expect(single.core.status()).toMatchObject({ commit: 3, lastIndex: 4, firstIndex: 2 });
  });

  test("compaction keeps to what is applied", () => {
    const single = compacted();
    const { confState } = single.core.status();
    for (const [index, term, through] of [
      [9, 2, 4],
      [4, 2, 5],
      [4, 1, 4],
    ] as const)
      expect(() =>
        single.core.compact({ index, term, confState } as never, through as never),
      ).toThrow(expect.objectContaining({ code: "invalid-argument" }));
  });
});

test("ready and advance take turns", () => {
  const { core } = new Single();
  expect(() => core.advance()).toThrow(expect.objectContaining({ code: "out-of-turn" }));
  core.ready();
  expect(core.hasReady()).toBe(false);
  expect(() => core.ready()).toThrow(expect.objectContaining({ code: "out-of-turn" }));
  core.advance();
});
