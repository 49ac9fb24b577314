import type { Entry, HardState, LogIndex, SnapshotMetadata } from "@waggle/raft-core";

/** What a store holds, as read at open. */
export interface StoredState {
  readonly hardState: HardState | undefined;
  readonly snapshot: SnapshotMetadata | undefined;
  /** Ascending without a gap; may begin before the snapshot's index + 1, never after it. */
  readonly entries: readonly Entry[];
}

/** One atomic write: after a crash all of it is there, or nothing. */
export interface AppendBatch {
  readonly hardState?: HardState | undefined;
  /** An entry at an index that is already stored replaces it and all after it. */
  readonly entries: readonly Entry[];
  /** False allows the store to resolve before the data is on the disk (a change of the commit index only). */
  readonly sync: boolean;
}

/** Where the durable state of one Raft member lives. One writer; calls are ordered as they are made. */
export interface RaftStore {
  /** What was there at open. Reads nothing from disk. */
  initial(): StoredState;
  /**
   * Resolves when the batch is durable. Batches queued while a sync runs share the next one.
   * @throws RaftStoreError `disk-full` (log unchanged, later appends may succeed), `failed` (the store is broken and
   * refuses everything from here on), `closed`, `gap`.
   */
  append(batch: AppendBatch): Promise<void>;
  /**
   * Stores a snapshot, streamed; durable on resolve. `truncateLog` is for one received from the leader: the log is
   * replaced by it. An older snapshot than the present one is refused.
   */
  saveSnapshot(
    metadata: SnapshotMetadata,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly truncateLog: boolean },
  ): Promise<void>;
  /** The newest snapshot's metadata and bytes; `undefined` when there is none. Safe against concurrent saves. */
  openSnapshot(): Promise<SnapshotReader | undefined>;
  /** Entries up to and with `through` may be deleted; never beyond the newest snapshot. */
  compact(through: LogIndex): Promise<void>;
  /**
   * Waits for the calls made before, makes everything durable and gives the place free; snapshots whose source has more to
   * come are given up (`closed`). Idempotent.
   * @throws RaftStoreError `failed` when that cannot be made durable; the store is closed all the same.
   */
  close(): Promise<void>;
}

/** One stored snapshot, opened for reading. */
export interface SnapshotReader {
  readonly metadata: SnapshotMetadata;
  readonly byteLength: number;
  /** The bytes, in order, checksum verified by the end. Read once. */
  chunks(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
