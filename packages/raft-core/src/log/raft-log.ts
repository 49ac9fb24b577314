import type { Entry, Snapshot, SnapshotMetadata } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import { assert } from "../internal/assert.ts";
import type { RaftTracer } from "../trace.ts";
import { encodedBytes, entryBytes } from "./entry-size.ts";
import { Unstable } from "./unstable.ts";

const index = (value: number): LogIndex => value as LogIndex;

/** Where a log begins: the last position that is no longer held, with its term. */
export interface Anchor {
  readonly index: LogIndex;
  readonly term: Term;
}

/** A run of entries, with what they count against the byte limits. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly bytes: number;
}

/** No entries: what there is beyond the end of the log, and for a peer whose window is full. */
export const EMPTY_PAGE: Page = { entries: [], bytes: 0 };

/** How a log hands out what is committed, and whom it tells what happens to it. */
export interface LogSettings {
  /** Bytes of entries that may be handed out for applying and not yet applied; default no limit. */
  readonly applyingBytesMax?: number;
  /** Default false: committed entries may be handed out before they are durable here. */
  readonly durableOnly?: boolean;
  readonly trace?: RaftTracer | undefined;
}

/** How much of a log is taken at once. */
interface SizeLimit {
  readonly sizeOf: (entry: Entry) => number;
  readonly bytesMax: number;
}

/** Parts from which a log is opened; all durable. */
export interface LogStart extends LogSettings {
  readonly anchor: Anchor;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMetadata | undefined;
  readonly committed: LogIndex;
  readonly applied: LogIndex;
}

/**
 * The log in memory: entries after the anchor, what is durable, committed, applied. Holds:
 * applied ≤ applying ≤ committed ≤ lastIndex, and anchor ≤ committed.
 */
export class RaftLog {
  #anchor: Anchor;
  /** Entries after `#base`; those up to the anchor are compacted and only wait for a cut that is worth its while. */
  #entries: Entry[];
  #base: LogIndex;
  #committed: LogIndex;
  #applied: LogIndex;
  /** How far entries were handed out for applying. */
  #applying: LogIndex;
  #applyingBytes = 0;
  #applyingPaused = false;
  readonly #applyingBytesMax: number;
  readonly #durableOnly: boolean;
  readonly #trace: RaftTracer | undefined;
  #snapshot: SnapshotMetadata | undefined;
  readonly unstable: Unstable;
  /** What was taken last, until the log changes: peers in step get the same page. */
  #taken: { readonly from: LogIndex; readonly bytesMax: number; readonly page: Page } | undefined;

  constructor(start: LogStart) {
    this.#anchor = start.anchor;
    this.#entries = [...start.entries];
    this.#base = start.anchor.index;
    this.#snapshot = start.snapshot;
    this.#committed = start.committed;
    this.#applied = start.applied;
    this.#applying = start.applied;
    this.#applyingBytesMax = start.applyingBytesMax ?? Infinity;
    this.#durableOnly = start.durableOnly ?? false;
    this.#trace = start.trace;
    this.unstable = new Unstable(index(this.lastIndex + 1));
    assert(
      this.#applied <= this.#committed && this.#committed <= this.lastIndex,
      "applied, committed, last index out of order",
    );
  }

  get firstIndex(): LogIndex {
    return index(this.#anchor.index + 1);
  }
  get lastIndex(): LogIndex {
    return index(this.#base + this.#entries.length);
  }
  get lastTerm(): Term {
    return this.termAt(this.lastIndex) ?? this.#anchor.term;
  }
  get committed(): LogIndex {
    return this.#committed;
  }
  get applied(): LogIndex {
    return this.#applied;
  }
  /** The newest durable snapshot: what a peer gets whose entries are gone. */
  get snapshot(): SnapshotMetadata | undefined {
    return this.#snapshot;
  }

  /** Term at `at`; undefined when that is compacted or beyond the end, which is not the same as 0. */
  termAt(at: LogIndex): Term | undefined {
    if (at <= this.#anchor.index) return at === this.#anchor.index ? this.#anchor.term : undefined;
    return at > this.lastIndex ? undefined : this.#entries[at - this.#base - 1]?.term;
  }

  matches(at: LogIndex, term: Term): boolean {
    return this.termAt(at) === term;
  }

  /** Is a log that ends in (`at`, `term`) at least as complete as this one (Raft paper, 5.4.1)? */
  isUpToDate(at: LogIndex, term: Term): boolean {
    return term > this.lastTerm || (term === this.lastTerm && at >= this.lastIndex);
  }

  /** Entries from `from` on, at most `bytesMax` but at least one. Undefined when `from` is compacted. */
  entriesFrom(from: LogIndex, bytesMax: number): Page | undefined {
    if (from <= this.#anchor.index) return undefined;
    if (this.#taken?.from !== from || this.#taken.bytesMax !== bytesMax) {
      const page = this.#page(from, this.lastIndex, { sizeOf: entryBytes, bytesMax });
      this.#taken = { from, bytesMax, page };
    }
    return this.#taken.page;
  }

  #page(from: LogIndex, to: LogIndex, { sizeOf, bytesMax }: SizeLimit): Page {
    if (from > to) return EMPTY_PAGE;
    const start = from - this.#base - 1;
    const stop = to - this.#base;
    let end = start;
    let bytes = 0;
    for (; end < stop; end += 1) {
      const entry = this.#entries[end];
      assert(entry !== undefined, "entry missing inside the log");
      const more = sizeOf(entry);
      if (bytes + more > bytesMax && end > start) break;
      bytes += more;
    }
    return { entries: this.#entries.slice(start, end), bytes };
  }

  /** Committed entries that were not yet handed out, as many as fit; none while a snapshot waits. */
  nextCommitted(): Page {
    if (!this.hasNextCommitted) return EMPTY_PAGE;
    const bytesMax = this.#applyingBytesMax - this.#applyingBytes;
    const limit = { sizeOf: encodedBytes, bytesMax };
    return this.#page(index(this.#applying + 1), this.#appliable, limit);
  }

  get hasNextCommitted(): boolean {
    if (this.unstable.snapshot !== undefined || this.#applyingPaused) return false;
    return this.#applying < this.#appliable;
  }

  get #appliable(): LogIndex {
    if (!this.#durableOnly) return this.#committed;
    return index(Math.min(this.#committed, this.unstable.from - 1));
  }

  /** Entries up to and with `to` were handed out for applying. */
  applyingTo(to: LogIndex, bytes: number): void {
    assert(to >= this.#applying && to <= this.#committed, "applying beyond the commit");
    this.#applying = to;
    this.#applyingBytes += bytes;
    // A batch that was cut short says that the limit is reached, even if one more small entry would fit.
    this.#applyingPaused = this.#applyingBytes >= this.#applyingBytesMax || to < this.#appliable;
  }

  /** Is a change of the members committed that was not yet applied? */
  hasUnappliedChange(): boolean {
    if (this.unstable.snapshot !== undefined) return true;
    const start = this.#applied - this.#base;
    const stop = this.#committed - this.#base;
    for (let at = start; at < stop; at += 1) if (this.#entries[at]?.kind !== "normal") return true;
    return false;
  }

  /** Entries that no Ready handed out for writing yet. */
  unwritten(): readonly Entry[] {
    return this.#entries.slice(this.unstable.unwrittenFrom - this.#base - 1);
  }

  /** Entries that are not known to be durable. */
  get unstableCount(): number {
    return Math.max(0, this.lastIndex + 1 - this.unstable.from);
  }

  get hasUnwritten(): boolean {
    return this.unstable.unwrittenFrom <= this.lastIndex;
  }

  /** Puts `entries` at their indexes; whatever stood there or after is dropped. */
  append(entries: readonly Entry[]): void {
    const first = entries[0];
    if (first === undefined) return;
    assert(first.index > this.#committed, "append would replace a committed entry");
    assert(first.index <= this.lastIndex + 1, "append would leave a gap");
    this.#taken = undefined;
    this.#traceOverwrite(first.index);
    if (first.index <= this.lastIndex) this.#entries.length = first.index - this.#base - 1;
    for (const entry of entries) this.#entries.push(entry);
    this.unstable.overwritten(first.index);
  }

  /**
   * A leader's append after (`previous`, `previousTerm`). Undefined when that position does not match; else the last
   * index that now equals the leader's log. Entries already present are left alone, and so is a longer tail.
   */
  appendMatching(
    previous: LogIndex,
    previousTerm: Term,
    entries: readonly Entry[],
  ): LogIndex | undefined {
    if (!this.matches(previous, previousTerm)) return undefined;
    let known = 0;
    for (const entry of entries) {
      if (!this.matches(entry.index, entry.term)) break;
      known += 1;
    }
    const conflicting = entries[known];
    if (conflicting !== undefined) {
      this.#traceConflict(conflicting);
      this.append(known === 0 ? entries : entries.slice(known));
    }
    return index(previous + entries.length);
  }

  /**
   * The last position at or before `at` whose term is at most `term`: where two logs may agree. Its term is undefined
   * when it is compacted or beyond the end.
   */
  findConflict(at: LogIndex, term: Term): { index: LogIndex; term: Term | undefined } {
    for (let position = at; position > 0; position = index(position - 1)) {
      const here = this.termAt(position);
      if (here === undefined || here <= term) return { index: position, term: here };
    }
    return { index: index(0), term: this.termAt(index(0)) };
  }

  commitTo(to: LogIndex): void {
    if (to <= this.#committed) return;
    assert(to <= this.lastIndex, "commit beyond the end of the log");
    this.#committed = to;
  }

  /** Entries up to and with `to`, of which `bytes` were handed out, are applied. */
  appliedTo(to: LogIndex, bytes = 0): void {
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyingPaused = this.#applyingBytes >= this.#applyingBytesMax;
    if (to <= this.#applied) return;
    assert(to <= this.#committed, "applied beyond the commit");
    this.#applied = to;
    this.#applying = index(Math.max(this.#applying, to));
  }

  /** The write that ended in (`at`, `term`) is durable. Ignored when other entries stand there by now. */
  durableTo(at: LogIndex, term: Term): void {
    const ignored = this.#whyNotDurable(at, term);
    if (ignored === undefined) this.unstable.durable(at);
    else {
      const ownTerm = this.termAt(at) ?? (0 as Term);
      this.#trace?.({ type: "write-ignored", reason: ignored, index: at, term, ownTerm });
    }
  }

  #whyNotDurable(at: LogIndex, term: Term): "missing" | "snapshot" | "other-term" | undefined {
    const { from, snapshot } = this.unstable;
    if (at < from) return snapshot?.metadata.index === at ? "snapshot" : "missing";
    if (at > this.lastIndex) return "missing";
    return this.matches(at, term) ? undefined : "other-term";
  }

  #traceConflict({ index: at, term: conflictingTerm }: Entry): void {
    if (at > this.lastIndex) return;
    const existingTerm = this.termAt(at) ?? (0 as Term);
    this.#trace?.({ type: "conflict-found", index: at, existingTerm, conflictingTerm });
  }

  #traceOverwrite(first: LogIndex): void {
    if (first > this.lastIndex) return;
    this.#trace?.({ type: "tail-replaced", index: first, all: first <= this.unstable.from });
  }

  /** Replaces the whole log by a received snapshot, which must first become durable. */
  restore(snapshot: Snapshot): void {
    const { metadata } = snapshot;
    assert(metadata.index > this.#committed, "a snapshot may not go back");
    this.#trace?.({
      type: "restore-started",
      commit: this.#committed,
      applied: this.#applied,
      applying: this.#applying,
      unstableFrom: this.unstable.from,
      unwrittenFrom: this.unstable.unwrittenFrom,
      unstableCount: this.unstableCount,
      index: metadata.index,
      term: metadata.term,
    });
    this.#anchor = { index: metadata.index, term: metadata.term };
    this.#base = metadata.index;
    this.#entries = [];
    this.#taken = undefined;
    this.#committed = metadata.index;
    this.unstable.restore(snapshot);
  }

  /** A restored snapshot is durable and in the state machine. */
  snapshotInstalled(metadata: SnapshotMetadata): void {
    this.unstable.snapshotDurable(metadata.index);
    this.#snapshot = metadata;
    this.appliedTo(metadata.index);
  }

  /** Notes a newer snapshot and forgets entries up to and with `through`. */
  compact(metadata: SnapshotMetadata, through: LogIndex): void {
    assert(through <= metadata.index && metadata.index <= this.#applied, "compaction out of range");
    if (metadata.index > (this.#snapshot?.index ?? 0)) this.#snapshot = metadata;
    if (through <= this.#anchor.index) return;
    const term = this.termAt(through);
    assert(term !== undefined, "compaction beyond the end");
    this.#anchor = { index: through, term };
    // The snapshot has it: nobody need write it, hear that it is written, or keep it alive.
    this.unstable.durable(through);
    this.#taken = undefined;
    // Cut once no more is alive than dead, so that what is copied was paid for by what went.
    const dead = through - this.#base;
    if (dead * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(dead);
    this.#base = through;
  }
}
