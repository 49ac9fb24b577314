import { describe, expect, test } from "vitest";
import { logIndex, nodeId } from "../../src/index.ts";
import { members } from "../membership/change-text.ts";
import { Single, entry } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const data = new Uint8Array(0);
const confState = members({ voters: [1, 2, 3] });
const at = (index: number, term = 1, of = confState): object => ({
  snapshot: { metadata: { index, term, confState: of }, data },
});

/** Leads a group whose entries up to 4 are compacted; node 3 answered the first one at most. */
function compacted(options = {}, answered = false): Single {
  const single = new Single([1, 2, 3], options).lead().ack(2);
  if (answered) single.ack(3);
  for (const text of ["a", "b"]) single.propose(text).ack(2);
  const { applied, term } = single.core.status();
  single.core.compact({ index: applied, term, confState }, applied);
  single.take();
  return single;
}

/** The same, and node 3 was sent the snapshot. */
function sent(): Single {
  const single = compacted().from(3, "heartbeat-response");
  expect(single.take()).toMatchObject([{ type: "snapshot", to: 3 }]);
  return single;
}

describe("sending", () => {
  test("a snapshot is sent to a silent peer", () => {
    const single = compacted({ checkQuorum: true }, true);
    single.from(2, "heartbeat-response").tick(10).take();
    single.core.reportUnreachable(nodeId(3));
    expect(single.peer(3)).toMatchObject({ recentlyActive: false, paused: false, next: 3 });
    expect(single.propose("c").take()).not.toContainEqual(
      expect.objectContaining({ type: "snapshot" }),
    );
    single.from(3, "heartbeat-response");
    expect(single.take()).toContainEqual(expect.objectContaining({ type: "snapshot", to: 3 }));
  });

  test("the term of a compacted entry passes for 0", () => {
    const single = compacted().from(3, "heartbeat-response");
    expect(single.take()).toMatchObject([
      { type: "snapshot", to: 3, snapshot: { metadata: { index: 4, term: 2 } } },
    ]);
  });

  test("a peer that waits for a snapshot is sent something else", () => {
    const single = sent().propose("c").from(3, "heartbeat-response");
    expect(single.take().filter(({ to }) => to === 3)).toEqual([]);
  });

  test("only the snapshot that was sent last ends the wait for it", () => {
    const single = sent().propose("c").ack(2);
    const { applied, term } = single.core.status();
    // The leader snapshots anew at 5, and keeps entry 5; the peer restored from elsewhere, at 4.
    single.core.compact({ index: applied, term, confState }, logIndex(4));
    single.core.reportSnapshot(nodeId(3), "failed");
    single.from(3, "heartbeat-response").take();
    single.from(3, "append-response", { index: 4 });
    expect(single.peer(3)).toMatchObject({ state: "replicate", match: 4 });
  });

  test("a snapshot that failed counts as arrived", () => {
    const single = sent();
    single.core.reportSnapshot(nodeId(3), "failed");
    expect(single.peer(3)).toMatchObject({ state: "probe", match: 0, next: 1 });
  });

  test("a snapshot that arrived is sent again", () => {
    const single = sent();
    single.core.reportSnapshot(nodeId(3), "finished");
    expect(single.peer(3)).toMatchObject({ state: "probe", match: 0, next: 5 });
  });

  test("a peer whose snapshot was reported is sent to before it answers", () => {
    const single = sent();
    single.core.reportSnapshot(nodeId(3), "failed");
    expect(single.propose("c").take()).not.toContainEqual(expect.objectContaining({ to: 3 }));
  });
});

describe("receiving", () => {
  test("a snapshot of what the log holds replaces the log", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1]) });
    single.from(2, "snapshot", at(3));
    expect(single.take()).toMatchObject([{ type: "append-response", index: 3, reject: false }]);
    expect(single.core.status()).toMatchObject({ commit: 3, firstIndex: 2, lastIndex: 4 });
  });

  test("a snapshot from before the commit is taken", () => {
    const single = new Single([], { initial: stored([1, 1, 1], { commit: 3 }) }).run();
    single.core.compact({ index: 3, term: 1, confState } as never, 3 as never);
    single.from(2, "snapshot", at(2));
    expect(single.take()).toMatchObject([{ type: "append-response", index: 3 }]);
    expect(single.core.status()).toMatchObject({ commit: 3, firstIndex: 4 });
  });

  test("a snapshot that does not name its receiver is refused", () => {
    const single = new Single().from(2, "snapshot", at(9, 1, members({ voters: [2, 3] })));
    expect(single.core.status()).toMatchObject({ commit: 9, lastIndex: 9 });
  });

  test("a snapshot is acknowledged before it is durable", () => {
    const { core } = new Single();
    core.step({ type: "snapshot", from: 2, to: 1, term: 1, ...at(9) } as never);
    const { messages, messagesAfterPersist, mustSync } = core.ready();
    expect({ messages, mustSync }).toEqual({ messages: [], mustSync: true });
    expect(messagesAfterPersist).toMatchObject([{ type: "append-response", index: 9 }]);
  });

  test("a snapshot does not move the mark of what is durable", () => {
    const { core } = new Single();
    core.step({ type: "snapshot", from: 2, to: 1, term: 1, ...at(9) } as never);
    // More entries than lie between the old end and the snapshot, all in one Ready with it.
    const entries = Array.from({ length: 11 }, (_, more) => entry(10 + more, 1));
    const append = { type: "append", from: 2, to: 1, term: 1, index: 9, logTerm: 1, commit: 9 };
    core.step({ ...append, entries } as never);
    expect(core.ready().entries.map(({ index }) => index)).toEqual([
      10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
    ]);
  });

  test("the members of a snapshot are not taken over", () => {
    const of = members({ voters: [1, 2], learners: [5] });
    const single = new Single().from(2, "snapshot", at(9, 1, of));
    expect(single.core.status().confState).toEqual(of);
  });
});
