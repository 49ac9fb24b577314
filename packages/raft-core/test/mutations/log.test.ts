import { describe, expect, test } from "vitest";
import { Asynchronous } from "../async/asynchronous.ts";
import { Single, entry } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const append = (term: number, index: number, logTerm: number, ...entries: object[]): object => ({
  term,
  index,
  logTerm,
  entries,
});
/** The terms of all entries that were handed out for writing, batch by batch. */
const written = (single: Single): (readonly [number, number])[][] =>
  single.readies
    .filter(({ entries }) => entries.length > 0)
    .map(({ entries }) => entries.map(({ index, term }) => [index, term] as const));

describe("receiving appends", () => {
  test("an append from before the commit is not acknowledged with the commit", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1], { commit: 4 }) });
    single.from(2, "append", append(1, 2, 1, entry(3, 1)));
    expect(single.take()).toMatchObject([{ type: "append-response", index: 4, reject: false }]);
  });

  test("an append from before what is compacted is refused", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1], { commit: 4 }) }).run();
    const { confState } = single.core.status();
    single.core.compact({ index: 4, term: 1, confState } as never, 4 as never);
    single.from(2, "append", append(1, 1, 1, entry(2, 1)));
    expect(single.take()).toMatchObject([{ type: "append-response", index: 4, reject: false }]);
  });

  test("an append that repeats the middle of the log cuts off its end", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1]) });
    single.from(2, "append", append(1, 1, 1, entry(2, 1)));
    expect(single.take()).toMatchObject([{ index: 2, reject: false }]);
    expect(single.core.status().lastIndex).toBe(4);
  });

  test("an append after an entry of another term is taken", () => {
    const single = new Single([], { initial: stored([1, 1, 2]) });
    single.from(2, "append", append(3, 3, 1, entry(4, 3)));
    expect(single.take()).toMatchObject([{ index: 3, reject: true, rejectHint: 2, logTerm: 1 }]);
    expect(single.core.status().lastIndex).toBe(3);
  });

  test("the end of a log stays when its middle is overwritten", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1, 1]) });
    single.from(2, "append", append(2, 2, 1, entry(3, 2)));
    expect(single.core.status().lastIndex).toBe(3);
    // A candidate whose log ends there is not behind.
    single.take();
    single.from(3, "vote", { term: 3, index: 3, logTerm: 2 });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: false }]);
  });
});

describe("what is being written", () => {
  test("an overwritten middle counts as being written", () => {
    const single = new Single();
    const { core } = single;
    const first = { type: "append", from: 2, to: 1, commit: 1 };
    core.step({ ...first, ...append(2, 1, 1, entry(2, 2), entry(3, 2), entry(4, 2)) } as never);
    expect(core.ready().entries).toHaveLength(3);
    core.step({ ...first, from: 3, ...append(3, 2, 2, entry(3, 3)) } as never);
    core.advance();
    expect(core.ready().entries).toMatchObject([{ index: 3, term: 3 }]);
  });

  test("a write of entries that were overwritten since makes the new ones durable", () => {
    const node = new Asynchronous();
    node.from(2, "append", append(2, 1, 1, entry(2, 2), entry(3, 2)));
    const { core } = new Single();
    const base = { type: "append", from: 2, to: 1, commit: 1 };
    core.step({ ...base, ...append(2, 1, 1, entry(2, 2), entry(3, 2)) } as never);
    core.ready();
    core.step({ ...base, from: 3, ...append(3, 1, 1, entry(2, 3), entry(3, 3)) } as never);
    core.advance();
    expect(core.ready().entries).toMatchObject([
      { index: 2, term: 3 },
      { index: 3, term: 3 },
    ]);
  });

  test("the answer to an earlier write counts although the same entries came back (ABA)", () => {
    const node = new Asynchronous();
    const same = (term: number): object => append(term, 1, 1, entry(2, 2));
    node.from(2, "append", same(2));
    node.from(3, "append", append(3, 1, 1, entry(2, 3)));
    node.from(2, "append", { ...same(4), commit: 2 });
    expect(node.appends).toHaveLength(3);
    expect(node.write().write().applies).toEqual([]);
    expect(node.write().applies).toMatchObject([{ entries: [{ index: 2, term: 2 }] }]);
  });

  test("the end of the log is told only with entries", () => {
    const node = new Asynchronous().from(2, "append", append(2, 1, 1, entry(2, 2)));
    // The answer of the first write comes in a later term; that of the second one has to count instead.
    node.from(3, "heartbeat", { term: 3 });
    expect(node.appends).toMatchObject([{ entries: [{ index: 2 }] }, { entries: [] }]);
    node.write().write().from(3, "heartbeat", { commit: 2 });
    expect(node.applies).toMatchObject([{ entries: [{ index: 2 }] }]);
  });

  test("what was handed out for writing is handed out again", () => {
    const single = new Single().from(2, "append", append(2, 1, 1, entry(2, 2)));
    single.from(2, "append", append(2, 2, 2, entry(3, 2)));
    expect(written(single)).toEqual([[[2, 2]], [[3, 2]]]);
  });
});
