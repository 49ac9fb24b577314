import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isInvariantError } from "../../src/index.ts";
import type { ConfState, Entry, LogIndex, RaftTrace, Term } from "../../src/index.ts";
import { RaftLog } from "../../src/log/raft-log.ts";
import type { LogSettings } from "../../src/log/raft-log.ts";

const index = (value: number): LogIndex => value as LogIndex;
const term = (value: number): Term => value as Term;

function entry(at: number, of: number, size = 0): Entry {
  return { kind: "normal", index: index(at), term: term(of), data: new Uint8Array(size) };
}

/** A log with entries of these terms from index 1 on. */
function logOf(terms: readonly number[], committed = 0, settings: LogSettings = {}): RaftLog {
  return new RaftLog({
    anchor: { index: index(0), term: term(0) },
    entries: terms.map((of, at) => entry(at + 1, of)),
    snapshot: undefined,
    committed: index(committed),
    applied: index(0),
    ...settings,
  });
}

const confState: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

function termsOf(log: RaftLog): (Term | undefined)[] {
  const terms = [];
  for (let at = log.firstIndex; at <= log.lastIndex; at = index(at + 1)) terms.push(log.termAt(at));
  return terms;
}

describe("appending what a leader sends (Raft paper, 5.3)", () => {
  test.each([
    { name: "right after the end", after: [3, 3], entries: [4], result: 4, terms: [1, 2, 3, 4] },
    { name: "nothing", after: [3, 3], entries: [], result: 3, terms: [1, 2, 3] },
    { name: "what is there already", after: [1, 1], entries: [2], result: 2, terms: [1, 2, 3] },
    { name: "a conflict", after: [1, 1], entries: [4, 4, 4], result: 4, terms: [1, 4, 4, 4] },
    { name: "a conflict that shortens", after: [1, 1], entries: [4], result: 2, terms: [1, 4] },
    { name: "a later overlap", after: [2, 2], entries: [3, 5], result: 4, terms: [1, 2, 3, 5] },
    {
      name: "another term before",
      after: [3, 4],
      entries: [4],
      result: undefined,
      terms: [1, 2, 3],
    },
    { name: "beyond the end", after: [5, 3], entries: [4], result: undefined, terms: [1, 2, 3] },
  ])("$name", ({ after, entries, result, terms }) => {
    const log = logOf([1, 2, 3], 1);
    const [at, of] = after as [number, number];
    const sent = entries.map((t, offset) => entry(at + 1 + offset, t));
    expect(log.appendMatching(index(at), term(of), sent)).toBe(result);
    expect(termsOf(log)).toEqual(terms);
  });

  test("never replaces what is committed", () => {
    const log = logOf([1, 1, 1], 2);
    expect(() => log.append([entry(2, 2)])).toThrow(expect.toSatisfy(isInvariantError));
    expect(() => log.append([entry(5, 2)])).toThrow(expect.toSatisfy(isInvariantError));
    expect(() => log.commitTo(index(4))).toThrow(expect.toSatisfy(isInvariantError));
  });
});

test("an unknown term is not term 0", () => {
  const log = logOf([1, 1, 2], 3);
  log.appliedTo(index(3));
  log.compact({ index: index(3), term: term(2), confState }, index(2));
  expect(log.termAt(index(1))).toBeUndefined();
  expect(log.termAt(index(2))).toBe(1);
  expect(log.termAt(index(9))).toBeUndefined();
  expect(log.matches(index(9), term(0))).toBe(false);
  expect(log.entriesFrom(index(2), Infinity)).toBeUndefined();
  expect(log.entriesFrom(index(3), Infinity)?.entries).toHaveLength(1);
});

test("peers in step share a page, which is taken anew once the log or the question is another one", () => {
  const log = logOf([1, 1, 1, 1]);
  const page = log.entriesFrom(index(3), Infinity);
  expect(log.entriesFrom(index(3), Infinity)).toBe(page);
  expect(log.entriesFrom(index(2), Infinity)?.entries).toHaveLength(3);
  expect(log.entriesFrom(index(3), 1)?.entries).toHaveLength(1);
  expect(log.entriesFrom(index(3), Infinity)).toEqual(page);
  log.append([entry(5, 1)]);
  expect(log.entriesFrom(index(3), Infinity)?.entries).toHaveLength(3);
  const metadata = { index: index(2), term: term(2), confState };
  log.restore({ metadata, data: new Uint8Array(0) });
  expect(log.entriesFrom(index(3), Infinity)?.entries).toEqual([]);
});

describe("the search for the last agreement", () => {
  test.each([
    { terms: [1, 1, 4, 4, 5], at: 5, of: 4, found: 4 },
    { terms: [1, 1, 4, 4, 5], at: 5, of: 3, found: 2 },
    { terms: [1, 1, 4, 4, 5], at: 3, of: 9, found: 3 },
    { terms: [5, 5, 5], at: 3, of: 2, found: 0 },
    { terms: [1, 1], at: 7, of: 1, found: 7 },
  ])("$terms from $at with term $of", ({ terms, at, of, found }) => {
    expect(logOf(terms).findConflict(index(at), term(of)).index).toBe(found);
  });
});

describe("what is durable", () => {
  test("entries are handed out once, and again when they were replaced", () => {
    const log = logOf([1]);
    expect(log.unwritten()).toEqual([]);
    log.append([entry(2, 1), entry(3, 1)]);
    expect(log.unwritten().map((e) => e.index)).toEqual([2, 3]);
    log.unstable.writing(log.lastIndex);
    expect(log.hasUnwritten).toBe(false);
    log.append([entry(3, 2)]);
    expect(log.unwritten().map((e) => [e.index, e.term])).toEqual([[3, 2]]);
    // The old write of 3 is done, but another entry stands there by now.
    log.durableTo(index(3), term(1));
    expect(log.unstable.from).toBe(2);
    log.unstable.writing(log.lastIndex);
    log.durableTo(index(3), term(2));
    expect(log.unstable.from).toBe(4);
  });

  test("a restored snapshot stops the applying until it is installed", () => {
    const log = logOf([1, 1], 2);
    const metadata = { index: index(9), term: term(3), confState };
    log.restore({ metadata, data: new Uint8Array(0) });
    expect(log.nextCommitted().entries).toEqual([]);
    expect([log.firstIndex, log.lastIndex, log.committed, log.lastTerm]).toEqual([10, 9, 9, 3]);
    expect(log.unstable.unwrittenSnapshot?.metadata).toBe(metadata);
    log.unstable.writing(log.lastIndex);
    expect(log.unstable.unwrittenSnapshot).toBeUndefined();
    log.snapshotInstalled(metadata);
    expect(log.unstable.snapshot).toBeUndefined();
    expect(log.applied).toBe(9);
    expect(log.snapshot).toBe(metadata);
  });
});

test("committed entries come in pages of at least one", () => {
  const indexes = (log: RaftLog): number[] => log.nextCommitted().entries.map((e) => e.index);
  const log = logOf([1, 1, 1, 1], 3, { applyingBytesMax: 1 });
  expect(indexes(log)).toEqual([1]);
  log.applyingTo(index(1), 4);
  expect(indexes(log)).toEqual([]);
  log.appliedTo(index(1), 4);
  expect(indexes(log)).toEqual([2]);
  expect(indexes(logOf([1, 1, 1, 1], 3, { applyingBytesMax: 8 }))).toEqual([1, 2]);
});

test("a page that was cut short stops the next one until something is applied", () => {
  const log = logOf([1, 1, 1, 1], 4, { applyingBytesMax: 10 });
  const batch = log.nextCommitted().entries;
  expect(batch).toHaveLength(2);
  log.applyingTo(index(2), 8);
  // 2 bytes would be left, and a page holds at least one entry.
  expect(log.hasNextCommitted).toBe(false);
  log.appliedTo(index(1), 4);
  expect(log.nextCommitted().entries.map((e) => e.index)).toEqual([3]);
});

test("hands out only what is durable here, when told so", () => {
  const log = logOf([], 0, { durableOnly: true });
  log.append([entry(1, 1), entry(2, 1)]);
  log.commitTo(index(2));
  expect(log.hasNextCommitted).toBe(false);
  log.unstable.writing(index(2));
  log.durableTo(index(1), term(1));
  expect(log.nextCommitted().entries.map((e) => e.index)).toEqual([1]);
});

test("an answer about a write that is of no use any more is noted and ignored", () => {
  const seen: RaftTrace[] = [];
  const log = logOf([1, 1], 0, { trace: (event) => seen.push(event) });
  log.append([entry(2, 2)]);
  log.durableTo(index(1), term(1));
  log.durableTo(index(3), term(2));
  log.durableTo(index(2), term(1));
  expect(log.unstable.from).toBe(2);
  log.commitTo(index(2));
  log.restore({
    metadata: { index: index(9), term: term(3), confState },
    data: new Uint8Array(0),
  });
  log.durableTo(index(9), term(3));
  expect(seen.filter(({ type }) => type === "write-ignored")).toMatchObject([
    { reason: "missing", index: 1 },
    { reason: "missing", index: 3 },
    { reason: "other-term", index: 2, term: 1, ownTerm: 2 },
    { reason: "snapshot", index: 9 },
  ]);
});

test("a size limit takes the longest prefix that fits, but at least one entry", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { maxLength: 8 }), fc.nat(400), (sizes, limit) => {
      const entries = sizes.map((size, at) => entry(at + 1, 1, size));
      const cost = (count: number): number => sizes.slice(0, count).reduce((a, b) => a + b + 24, 0);
      let count = Math.min(1, sizes.length);
      while (count < sizes.length && cost(count + 1) <= limit) count += 1;
      const log = new RaftLog({
        anchor: { index: index(0), term: term(0) },
        entries,
        snapshot: undefined,
        committed: index(0),
        applied: index(0),
      });
      const page = log.entriesFrom(index(1), limit);
      expect(page?.entries).toHaveLength(count);
      expect(page?.bytes).toBe(cost(count));
    }),
    { seed: 5 },
  );
});
