import type { AppendBatch } from "../store.ts";
import type { LogIndex, SnapshotMetadata } from "@waggle/raft-core";
import { RaftStoreError } from "../errors.ts";
import { MEMBERS_MAX, STAGE_IDENTITY_LENGTH_MAX } from "../limits.ts";

/** Which indexes a log holds, and the rules for changing that. Both stores decide by it. */
export interface LogBounds {
  /** Index of the last entry; the snapshot's when there is none after it. */
  last: number;
  snapshot: SnapshotMetadata | undefined;
}

/** Refuses a batch that does not follow the log. @throws RaftStoreError `gap`, `compacted`. */
export function checkBatch(bounds: LogBounds, batch: AppendBatch): void {
  const first = batch.entries[0];
  if (first === undefined) return;
  if (first.index > bounds.last + 1) {
    throw new RaftStoreError(
      "gap",
      `entry ${first.index} does not follow the log, which ends at ${bounds.last}`,
    );
  }
  const floor = bounds.snapshot?.index ?? 0;
  if (first.index <= floor) {
    throw new RaftStoreError(
      "compacted",
      `entry ${first.index} is covered by the snapshot at ${floor}`,
    );
  }
  let expected: number = first.index;
  for (const entry of batch.entries) {
    if (entry.index !== expected) {
      throw new RaftStoreError("gap", `entry ${entry.index} stands where ${expected} belongs`);
    }
    expected += 1;
  }
}

/** Index of the last entry once the batch is in. */
export function lastAfter(bounds: LogBounds, batch: AppendBatch): number {
  return batch.entries.at(-1)?.index ?? bounds.last;
}

/** Refuses a snapshot that cannot replace the present one. @throws RaftStoreError `stale-snapshot`, `too-large`, `gap`. */
export function checkSnapshot(
  bounds: LogBounds,
  metadata: SnapshotMetadata,
  options: { readonly truncateLog: boolean },
): void {
  const { confState, index } = metadata;
  if (index < 1) throw new RaftStoreError("invalid-argument", "a snapshot needs an index above 0");
  const present = bounds.snapshot?.index ?? 0;
  if (index < present) {
    throw new RaftStoreError(
      "stale-snapshot",
      `snapshot ${index} is older than the stored one at ${present}`,
    );
  }
  if (!options.truncateLog && index > bounds.last) {
    throw new RaftStoreError("gap", `snapshot ${index} lies beyond the log's end, ${bounds.last}`);
  }
  for (const list of [
    confState.voters,
    confState.learners,
    confState.votersOutgoing,
    confState.learnersNext,
  ]) {
    if (list.length > MEMBERS_MAX) {
      throw new RaftStoreError("too-large", `a list of ${list.length} members is too long`);
    }
  }
}

/** Refuses to take in a snapshot that could not be installed. @throws RaftStoreError as {@link checkSnapshot}. */
export function checkStage(bounds: LogBounds, metadata: SnapshotMetadata, identity: string): void {
  if (identity === "" || identity.length > STAGE_IDENTITY_LENGTH_MAX) {
    throw new RaftStoreError("invalid-argument", `an identity of ${identity.length} characters`);
  }
  checkSnapshot(bounds, metadata, { truncateLog: true });
}

/** The error of an installation that comes before its snapshot. */
export function notStaged({ index, term }: SnapshotMetadata): RaftStoreError {
  return new RaftStoreError("not-staged", `snapshot ${index} of term ${term} is not staged`);
}

/** Refuses a compaction beyond the newest snapshot. @throws RaftStoreError `compacted`. */
export function checkCompaction(bounds: LogBounds, through: LogIndex): void {
  const newest = bounds.snapshot?.index ?? 0;
  if (through > newest) {
    throw new RaftStoreError(
      "compacted",
      `entries through ${through} are not covered by the snapshot at ${newest}`,
    );
  }
}
