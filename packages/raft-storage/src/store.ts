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
   * Stores a snapshot, streamed; durable on resolve. With `truncateLog` it replaces the log, and calls made later wait for
   * it: for a first state. One from the leader is better staged. An older snapshot than the present one is refused.
   */
  saveSnapshot(
    metadata: SnapshotMetadata,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly truncateLog: boolean },
  ): Promise<void>;
  /**
   * Begins to take in a snapshot from another member, straight to where it will be kept, or goes on with the one of that
   * identity: {@link SnapshotStage.byteLength} says from where. It counts for nothing before {@link RaftStore.installSnapshot}.
   * One grows at a time: what was begun under another identity is given up. Nothing of it outlives the store.
   * @throws RaftStoreError `stale-snapshot`, `too-large`, `invalid-argument`, `disk-full`, `closed`.
   */
  stageSnapshot(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage>;
  /**
   * Makes the staged snapshot of that index and term the newest one, which replaces the log, as `truncateLog` does.
   * @throws RaftStoreError `not-staged` when it was not received whole, or another one was after it; `stale-snapshot`.
   */
  installSnapshot(metadata: SnapshotMetadata): Promise<void>;
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

/** A snapshot on its way in. What fails gives it up, and its room free; the sender then begins anew. */
export interface SnapshotStage {
  readonly metadata: SnapshotMetadata;
  /** Bytes taken so far: where the sender goes on. */
  readonly byteLength: number;
  /**
   * Appends bytes. Wait for it before the next one.
   * @throws RaftStoreError `disk-full`, `superseded` (another stage was begun, also one of the same identity), `closed`.
   */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Ends it: durable on resolve, and ready for {@link RaftStore.installSnapshot}. A complete one that was not installed is
   * given up. Has no effect on one that is complete already.
   * @throws RaftStoreError `checksum` when the bytes are not those that were sent; `disk-full`, `superseded`, `closed`.
   */
  complete(expected: SnapshotDigest): Promise<void>;
  /** Gives it up. */
  abort(): Promise<void>;
}

/** What tells whether a snapshot arrived as it was sent. */
export interface SnapshotDigest {
  readonly byteLength: number;
  /** Of all bytes, as `zlib.crc32` computes it. */
  readonly crc32: number;
}
