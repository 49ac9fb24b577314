import { assert } from "../internal/assert.ts";
import type { LogIndex } from "../ids.ts";
import type { InflightLimits, Inflights } from "./inflights.ts";

/**
 * - `probe`: where the peer's log ends is unknown; one append per heartbeat interval.
 * - `replicate`: appends are sent ahead of their acknowledgements.
 * - `snapshot`: a snapshot is on its way; nothing else is sent.
 */
export type ProgressState = "probe" | "replicate" | "snapshot";

const index = (value: number): LogIndex => value as LogIndex;

/** What the leader knows about one peer. Holds: match < next. */
export class Progress {
  #match: LogIndex = index(0);
  #next: LogIndex;
  #sentCommit: LogIndex = index(0);
  #state: ProgressState = "probe";
  #pendingSnapshot: LogIndex = index(0);
  #flowPaused = false;
  readonly inflights: Inflights;
  recentlyActive: boolean;

  constructor(start: {
    readonly match: LogIndex;
    readonly next: LogIndex;
    readonly recentlyActive: boolean;
    readonly inflights: Inflights;
  }) {
    assert(start.match < start.next, "match must stay below next");
    this.#match = start.match;
    this.#next = start.next;
    this.recentlyActive = start.recentlyActive;
    this.inflights = start.inflights;
  }

  get match(): LogIndex {
    return this.#match;
  }
  get next(): LogIndex {
    return this.#next;
  }
  get state(): ProgressState {
    return this.#state;
  }
  get pendingSnapshot(): LogIndex {
    return this.#pendingSnapshot;
  }
  get paused(): boolean {
    return this.#state === "snapshot" || this.#flowPaused;
  }

  /** Lets a probe, or a full window, send once more. */
  resume(): void {
    this.#flowPaused = false;
  }

  pause(): void {
    this.#flowPaused = true;
  }

  becomeProbe(): void {
    const next =
      this.#state === "snapshot"
        ? Math.max(this.#match + 1, this.#pendingSnapshot + 1)
        : this.#match + 1;
    this.#enter("probe", next);
    this.#capSentCommit();
  }

  becomeReplicate(): void {
    this.#enter("replicate", this.#match + 1);
  }

  becomeSnapshot(at: LogIndex): void {
    this.#enter("snapshot", Math.max(at, this.#match) + 1);
    this.#pendingSnapshot = at;
    this.#sentCommit = at;
  }

  /** The snapshot did not arrive: forget it, so that probing starts at what is known to match. */
  snapshotFailed(): void {
    this.#pendingSnapshot = index(0);
  }

  /** An append left. A probe does not move; `next` of a replicating peer does. */
  sent(entryCount: number, bytes: number): void {
    assert(this.#state !== "snapshot", "append sent to a peer that waits for a snapshot");
    if (this.#state === "probe") {
      if (entryCount > 0) this.#flowPaused = true;
      return;
    }
    if (entryCount > 0) {
      this.#next = index(this.#next + entryCount);
      this.inflights.add(index(this.#next - 1), bytes);
    }
    // Also after an empty one: with a full window one append goes out per heartbeat that is answered.
    this.#flowPaused = this.inflights.full;
  }

  /** The newest append to a replicating peer got longer before it left. */
  sentMore(entryCount: number, bytes: number): void {
    assert(this.#state === "replicate", "an append got longer that was not sent ahead");
    this.#next = index(this.#next + entryCount);
    this.inflights.extend(index(this.#next - 1), bytes);
    this.#flowPaused = this.inflights.full;
  }

  /** A smaller window than what is on its way stops new entries; a larger one is open at once. */
  setInflightLimits(limits: InflightLimits): void {
    this.inflights.setLimits(limits);
    if (this.#state === "replicate") this.#flowPaused = this.inflights.full;
  }

  sentCommit(commit: LogIndex): void {
    this.#sentCommit = commit;
  }

  /** True when an otherwise empty append would tell the peer of a commit it can make use of. */
  canBumpCommit(commit: LogIndex): boolean {
    return commit > this.#sentCommit && this.#sentCommit < this.#next - 1;
  }

  /** An acknowledgement. False when it says nothing new. */
  acknowledge(match: LogIndex): boolean {
    if (match <= this.#match) return false;
    this.#match = match;
    this.#next = index(Math.max(this.#next, match + 1));
    this.#flowPaused = false;
    return true;
  }

  /** A refusal of the append after `rejected`; `hint` is the next candidate. False when it is stale. */
  refuse(rejected: LogIndex, hint: LogIndex): boolean {
    if (this.#state === "replicate") {
      if (rejected <= this.#match) return false;
      this.#next = index(this.#match + 1);
      this.#capSentCommit();
      return true;
    }
    if (rejected !== this.#next - 1) return false;
    this.#next = index(Math.max(Math.min(rejected, hint + 1), this.#match + 1));
    this.#capSentCommit();
    this.#flowPaused = false;
    return true;
  }

  #enter(state: ProgressState, next: number): void {
    this.#state = state;
    this.#flowPaused = false;
    this.#pendingSnapshot = index(0);
    this.inflights.clear();
    this.#next = index(next);
    assert(this.#match < this.#next, "match must stay below next");
  }

  #capSentCommit(): void {
    this.#sentCommit = index(Math.min(this.#sentCommit, this.#next - 1));
  }
}
