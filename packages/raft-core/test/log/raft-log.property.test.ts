import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeEntry } from "../../src/codec/index.ts";
import type { ConfState, Entry, LogIndex, SnapshotMetadata, Term } from "../../src/index.ts";
import { RaftLog } from "../../src/log/raft-log.ts";

const index = (value: number): LogIndex => value as LogIndex;
const term = (value: number): Term => value as Term;
const APPLYING_BYTES_MAX = 60;

const confState: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

/** An entry with marks of its own: was it handed out for writing, and is it on the disk? */
interface Marked {
  readonly entry: Entry;
  written: boolean;
  durable: boolean;
}

function prefix(entries: readonly Entry[], cost: (entry: Entry) => number, max: number): Entry[] {
  const fits = (count: number): boolean =>
    entries.slice(0, count).reduce((sum, entry) => sum + cost(entry), 0) <= max;
  let count = Math.min(1, entries.length);
  while (count < entries.length && fits(count + 1)) count += 1;
  return entries.slice(0, count);
}

const wireBytes = (entry: Entry): number => encodeEntry(entry).byteLength;

/** The same log as an array of marked entries, without any arithmetic of offsets. */
class NaiveLog {
  anchor = { index: 0, term: 0 };
  marked: Marked[] = [];
  committed = 0;
  applied = 0;
  applying = 0;
  /** Handed out for applying and not yet applied, oldest first. */
  pages: Entry[][] = [];
  /** The last page was cut short, and nothing was applied since. */
  cutShort = false;
  snapshot: SnapshotMetadata | undefined;
  installing: SnapshotMetadata | undefined;
  installingWritten = false;

  readonly durableOnly: boolean;

  constructor(durableOnly: boolean) {
    this.durableOnly = durableOnly;
  }

  get last(): number {
    return this.marked.at(-1)?.entry.index ?? this.anchor.index;
  }
  at(position: number): Marked | undefined {
    return this.marked.find(({ entry }) => entry.index === position);
  }
  termAt(position: number): number | undefined {
    if (position === this.anchor.index) return this.anchor.term;
    return this.at(position)?.entry.term;
  }
  from(position: number): Entry[] {
    return this.marked.map(({ entry }) => entry).filter((entry) => entry.index >= position);
  }
  append(entries: readonly Entry[]): void {
    const [first] = entries;
    if (first === undefined) return;
    this.marked = this.marked.filter(({ entry }) => entry.index < first.index);
    this.marked.push(...entries.map((entry) => ({ entry, written: false, durable: false })));
  }
  get appliable(): Entry[] {
    const committed = this.from(this.applying + 1).filter((entry) => entry.index <= this.committed);
    return this.durableOnly
      ? committed.filter((entry) => this.at(entry.index)?.durable)
      : committed;
  }
  next(): Entry[] {
    const used = this.pages.flat().reduce((sum, entry) => sum + wireBytes(entry), 0);
    if (this.installing !== undefined || this.cutShort || used >= APPLYING_BYTES_MAX) return [];
    return prefix(this.appliable, wireBytes, APPLYING_BYTES_MAX - used);
  }
}

/** Both logs, and the writes that were begun, newest last. */
interface Pair {
  readonly log: RaftLog;
  readonly naive: NaiveLog;
  readonly writes: { readonly index: LogIndex; readonly term: Term }[];
  term: number;
}

interface Step {
  readonly do: keyof typeof STEPS;
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

function made(at: number, of: number, { size }: Step): Entry {
  const kind = size % 3 === 0 ? "conf-change-v2" : "normal";
  return { kind, index: index(at), term: term(of), data: new Uint8Array(size) };
}

/** Each takes numbers that say where and how much, relative to where the log stands. */
const STEPS = {
  /** A leader's own entries. */
  propose(pair: Pair, step: Step): void {
    const { log, naive } = pair;
    const entries = Array.from({ length: step.b }, (_, at) =>
      made(naive.last + 1 + at, pair.term, step),
    );
    log.append(entries);
    naive.append(entries);
  },
  /** Another leader's entries: some that are here already, then others, from anywhere after the commit. */
  receive(pair: Pair, step: Step): void {
    const { log, naive } = pair;
    const previous = Math.max(naive.anchor.index, naive.last - step.a);
    const known = naive.from(previous + 1).slice(0, step.b);
    const start = previous + known.length + 1;
    const differs = start > naive.committed && step.size % 3 > 0;
    if (differs) pair.term += 1;
    const fresh = differs
      ? Array.from({ length: step.size % 3 }, (_, at) => made(start + at, pair.term, step))
      : [];
    const entries = [...known, ...fresh];
    const previousTerm = term(naive.termAt(previous)!);
    expect(log.appendMatching(index(previous), term(previousTerm + 1), entries)).toBeUndefined();
    expect(log.appendMatching(index(previous), previousTerm, entries)).toBe(
      previous + entries.length,
    );
    naive.append(fresh);
  },
  /** A Ready hands out what there is to write. */
  write({ log, naive, writes }: Pair): void {
    const last = naive.marked.at(-1)?.entry;
    if (last !== undefined && naive.marked.some(({ written }) => !written)) writes.push(last);
    log.unstable.writing(log.lastIndex);
    for (const marked of naive.marked) marked.written = true;
    naive.installingWritten = naive.installing !== undefined;
  },
  /** Any write that was ever begun ends: in order or not, and whatever stands there by now. */
  durable({ log, naive, writes }: Pair, { a }: Step): void {
    const write = writes[a % Math.max(1, writes.length)];
    if (write === undefined) return;
    log.durableTo(write.index, write.term);
    const here = naive.at(write.index);
    if (here?.durable !== false || here.entry.term !== write.term) return;
    for (const marked of naive.marked)
      if (marked.entry.index <= write.index) marked.written = marked.durable = true;
  },
  commit({ log, naive }: Pair, { a }: Step): void {
    const to = Math.min(naive.committed + a, naive.last);
    log.commitTo(index(to));
    naive.committed = Math.max(naive.committed, to);
  },
  /** A Ready hands out a page for applying. */
  hand({ log, naive }: Pair): void {
    const { entries, bytes } = log.nextCommitted();
    const last = entries.at(-1);
    if (last === undefined) return;
    expect(bytes).toBe(entries.reduce((sum, entry) => sum + wireBytes(entry), 0));
    naive.pages.push(naive.next());
    naive.cutShort = naive.appliable.at(-1)?.index !== last.index;
    log.applyingTo(last.index, bytes);
    naive.applying = last.index;
  },
  apply({ log, naive }: Pair): void {
    const page = naive.pages.shift();
    if (page === undefined) return;
    const last = page.at(-1)!.index;
    log.appliedTo(
      last,
      page.reduce((sum, entry) => sum + wireBytes(entry), 0),
    );
    naive.applied = Math.max(naive.applied, last);
    naive.cutShort = false;
  },
  compact({ log, naive }: Pair, { a, b }: Step): void {
    const through = naive.anchor.index + a;
    const at = through + b;
    if (at > naive.applied || naive.termAt(at) === undefined) return;
    const metadata = { index: index(at), term: term(naive.termAt(at)!), confState };
    log.compact(metadata, index(through));
    if (at > (naive.snapshot?.index ?? 0)) naive.snapshot = metadata;
    naive.anchor = { index: through, term: naive.termAt(through)! };
    naive.marked = naive.marked.filter(({ entry }) => entry.index > through);
  },
  /** A snapshot takes the place of everything; what was handed out before goes on being applied. */
  restore(pair: Pair, { a, size }: Step): void {
    const { log, naive } = pair;
    if (size % 4 > 0) return;
    pair.term += 1;
    const metadata = { index: index(naive.committed + 1 + a), term: term(pair.term), confState };
    log.restore({ metadata, data: new Uint8Array(0) });
    naive.anchor = { index: metadata.index, term: metadata.term };
    naive.marked = [];
    naive.committed = metadata.index;
    naive.installing = metadata;
    naive.installingWritten = false;
  },
  installed({ log, naive }: Pair): void {
    const { installing } = naive;
    if (installing === undefined || !naive.installingWritten) return;
    log.snapshotInstalled(installing);
    naive.installing = undefined;
    naive.snapshot = installing;
    naive.applied = installing.index;
    naive.applying = installing.index;
    naive.cutShort = false;
  },
};

function compare({ log, naive }: Pair, { a, b, size }: Step): void {
  const all = (): Entry[] => [...log.entriesFrom(log.firstIndex, Infinity)!.entries];
  expect(all()).toEqual(naive.from(0));
  expect({
    first: log.firstIndex,
    last: log.lastIndex,
    lastTerm: log.lastTerm,
    committed: log.committed,
    applied: log.applied,
    snapshot: log.snapshot,
    unwritten: log.unwritten(),
    hasUnwritten: log.hasUnwritten,
    unstable: log.unstableCount,
    next: log.nextCommitted().entries,
    unapplied: log.hasUnappliedChange(),
  }).toEqual({
    first: naive.anchor.index + 1,
    last: naive.last,
    lastTerm: naive.termAt(naive.last),
    committed: naive.committed,
    applied: naive.applied,
    snapshot: naive.snapshot,
    unwritten: naive.marked.filter(({ written }) => !written).map(({ entry }) => entry),
    hasUnwritten: naive.marked.some(({ written }) => !written),
    unstable: naive.marked.filter(({ durable }) => !durable).length,
    next: naive.next(),
    unapplied:
      naive.installing !== undefined ||
      naive
        .from(naive.applied + 1)
        .some(({ index: at, kind }) => at <= naive.committed && kind !== "normal"),
  });
  const from = naive.anchor.index + a;
  for (let at = Math.max(0, naive.anchor.index - 2); at <= naive.last + 2; at += 1)
    expect(log.termAt(index(at)), `term at ${at}`).toBe(naive.termAt(at));
  const cost = (entry: Entry): number => entry.data.byteLength + 24;
  const page = prefix(naive.from(from), cost, size * b);
  if (from > naive.anchor.index)
    expect(log.entriesFrom(index(from), size * b)).toEqual({
      entries: page,
      bytes: page.reduce((sum, entry) => sum + cost(entry), 0),
    });
  else expect(log.entriesFrom(index(from), size * b)).toBeUndefined();
  // Taken last, so that the next step would find it out of date.
  all();
}

const names = Object.keys(STEPS) as Step["do"][];
const weights: Partial<Record<Step["do"], number>> = {
  restore: 1,
  receive: 4,
  propose: 4,
  hand: 4,
};
const step: fc.Arbitrary<Step> = fc.oneof(
  ...names.map((name) => ({
    weight: weights[name] ?? 3,
    arbitrary: fc.record({
      do: fc.constant(name),
      a: fc.nat(5),
      b: fc.nat(4),
      size: fc.nat(40),
    }),
  })),
);

test.each([false, true])("a log is an array of marked entries (durable only %s)", (durableOnly) => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const log = new RaftLog({
        anchor: { index: index(0), term: term(0) },
        entries: [],
        snapshot: undefined,
        committed: index(0),
        applied: index(0),
        applyingBytesMax: APPLYING_BYTES_MAX,
        durableOnly,
      });
      const pair: Pair = { log, naive: new NaiveLog(durableOnly), writes: [], term: 1 };
      for (const one of steps) {
        STEPS[one.do](pair, one);
        compare(pair, one);
      }
    }),
    { seed: 11, numRuns: 300 },
  );
});
