import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import { members } from "../membership/change-text.ts";
import { Single, entry } from "./single.ts";
import { stored } from "./stored.ts";

describe("Figure 12: a snapshot takes the place of the committed entries before it", () => {
  const confState = members({ voters: [1, 2, 3] });

  /** Terms 1 1 1 2 3 3 3 of which 5 are committed and in the snapshot; its last entry is 5:3. */
  function compacted(): Single {
    const initial = stored([1, 1, 1, 2, 3, 3, 3], { commit: 5 });
    const single = new Single([], { initial }).run();
    single.core.compact({ index: 5, term: 3, confState } as never, 5 as never);
    return single;
  }

  test("the entries after it stay; its last index and term serve the consistency check", () => {
    const single = compacted();
    expect(single.core.status()).toMatchObject({ firstIndex: 6, lastIndex: 7, commit: 5 });
    single.from(2, "append", { index: 5, logTerm: 3, entries: [entry(6, 3)], commit: 6 });
    expect(single.take()).toMatchObject([{ index: 6, reject: false }]);
    expect(single.core.status()).toMatchObject({ lastIndex: 7, commit: 6 });
  });

  test("a vote compares the same ends as before", () => {
    const single = compacted();
    single.from(2, "vote", { term: 4, index: 6, logTerm: 3 });
    single.from(3, "vote", { term: 4, index: 7, logTerm: 3 });
    expect(single.take()).toMatchObject([{ reject: true }, { reject: false }]);
  });

  test("a member starts from the snapshot and the entries after it", () => {
    const all = stored([1, 1, 1, 2, 3, 3, 3], { commit: 5 });
    const snapshot = { index: all.entries[3]!.index, term: all.entries[3]!.term, confState };
    const initial = { ...all, snapshot, entries: all.entries.slice(4) };
    const single = new Single([], { initial });
    expect(single.core.status()).toMatchObject({ firstIndex: 6, lastIndex: 7, applied: 5 });
  });
});

describe("Figure 13, InstallSnapshot RPC, receiver", () => {
  const confState = members({ voters: [1, 2, 3], learners: [4] });
  const install = (index: number, term: number): object => ({
    snapshot: { metadata: { index, term, confState }, data: new Uint8Array(0) },
  });
  const follower = (): Single =>
    new Single([], { initial: stored([1, 1, 2, 2], { term: 3, commit: 2 }) });

  test("1: replies immediately if term < currentTerm", () => {
    const single = follower().from(2, "snapshot", { term: 2, ...install(9, 2) });
    expect(single.core.status()).toMatchObject({ term: 3, lastIndex: 4 });
    expect(single.readies.every(({ snapshot }) => snapshot === undefined)).toBe(true);
  });

  test("2 to 5: the driver brings the bytes and stores them before the snapshot is acknowledged", () => {
    const { core } = follower();
    core.step({ type: "snapshot", from: 2, to: 1, term: 3, ...install(9, 3) } as never);
    const ready = core.ready();
    expect(ready).toMatchObject({ snapshot: { metadata: { index: 9 } }, messages: [] });
    expect(ready.messagesAfterPersist).toMatchObject([{ type: "append-response", index: 9 }]);
  });

  test("6: if an existing entry has its index and term, what follows it is retained", () => {
    const single = follower().from(2, "snapshot", install(3, 2));
    expect(single.take()).toMatchObject([{ index: 3, reject: false }]);
    expect(single.core.status()).toMatchObject({ commit: 3, firstIndex: 2, lastIndex: 4 });
  });

  test.each([
    { what: "the entry there is of another term", index: 3, term: 3 },
    { what: "there is none", index: 9, term: 3 },
  ])("7: discards the entire log when $what", ({ index, term }) => {
    const single = follower().from(2, "snapshot", install(index, term));
    expect(single.core.status()).toMatchObject({ firstIndex: index + 1, lastIndex: index });
  });

  test("8: resets the state machine and loads the members", () => {
    const single = follower().from(2, "snapshot", install(9, 3));
    expect(single.readies.at(-1)).toMatchObject({ snapshot: { metadata: { index: 9 } } });
    expect(single.core.status()).toMatchObject({ applied: 9, commit: 9, confState });
  });
});

describe("7: sending snapshots", () => {
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
