import type { KeyProvider } from "./keys/provider.ts";
import type { DiskCalls } from "./vfs/pace.ts";
import type { Vfs } from "./vfs/vfs.ts";
import { RaftStoreError } from "../errors.ts";
import {
  IDLE_MARK_MS_DEFAULT,
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  SNAPSHOT_AGE_MS_MAX_DEFAULT,
  SNAPSHOTS_MAX_DEFAULT,
  SNAPSHOTS_MAX_LIMIT,
} from "../limits.ts";
import { createNodeVfs } from "./vfs/node-vfs.ts";

/** What opening a directory found and mended. */
export interface RecoveryReport {
  readonly segments: number;
  readonly entries: number;
  /** The unfinished write at the log's end that was cut off; undefined after an orderly close. */
  readonly torn: { readonly file: string; readonly offset: number } | undefined;
  /** Names of unfinished or superseded files that were deleted. */
  readonly removed: readonly string[];
}

/** Where and how a file store keeps its data. */
export interface FileStoreOptions {
  /** Made if missing; belongs to the store alone. */
  readonly directory: string;
  /** Bytes of one log segment, 4 KiB to 1 GiB, a multiple of 8. Default {@link SEGMENT_BYTES_DEFAULT}. */
  readonly segmentBytes?: number;
  /** Snapshots that are kept, the newest among them, 1 to 64. Default {@link SNAPSHOTS_MAX_DEFAULT}. */
  readonly snapshotsMax?: number;
  /**
   * Age in milliseconds at which a snapshot goes that is not the newest, 0 or more. Looked at when one is saved or
   * installed, and at open. Default {@link SNAPSHOT_AGE_MS_MAX_DEFAULT}.
   */
  readonly snapshotAgeMsMax?: number;
  /** Milliseconds since 1970; for the age of snapshots only. Default: the system's clock. */
  readonly nowMs?: () => number;
  /** Told once, before the store is handed out. What it throws is thrown by the open. Default: nobody. */
  readonly onRecovery?: (report: RecoveryReport) => void;
  /** How the disk is called on the way of an append. Default `auto`, so that neither speed nor the event loop suffers. */
  readonly diskCalls?: DiskCalls;
  /**
   * Milliseconds without an append after which the log's end is marked as synced; 0 for never, where time must not play a
   * part. Default {@link IDLE_MARK_MS_DEFAULT}.
   */
  readonly idleMarkMs?: number;
  /**
   * Told, each time, when the disk has no room for the segment after the present one: appends go on in what is left of
   * that. Without room by then they are refused with `disk-full`. Default: nobody.
   */
  readonly onDiskFull?: (error: RaftStoreError) => void;
  /**
   * Seals the data keys that records and snapshots are encrypted with. What was written before one was given stays plain
   * until it is compacted. Default: none, nothing is encrypted.
   */
  readonly keyProvider?: KeyProvider;
  /** The file system. Default: this machine's. */
  readonly vfs?: Vfs;
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  readonly snapshotsMax: number;
  readonly snapshotAgeMsMax: number;
  readonly nowMs: () => number;
  readonly diskCalls: DiskCalls;
  readonly idleMarkMs: number;
  readonly onDiskFull: (error: RaftStoreError) => void;
  readonly keyProvider: KeyProvider | undefined;
  readonly onRecovery: (report: RecoveryReport) => void;
  readonly vfs: Vfs;
}

/** @throws RaftStoreError `invalid-argument`. */
export function resolveOptions(options: FileStoreOptions): ResolvedOptions {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES_DEFAULT;
  const inRange = segmentBytes >= SEGMENT_BYTES_MIN && segmentBytes <= SEGMENT_BYTES_MAX;
  if (!inRange || segmentBytes % 8 !== 0) {
    throw new RaftStoreError("invalid-argument", `segmentBytes is ${segmentBytes}`);
  }
  const snapshotsMax = options.snapshotsMax ?? SNAPSHOTS_MAX_DEFAULT;
  if (!Number.isInteger(snapshotsMax) || snapshotsMax < 1 || snapshotsMax > SNAPSHOTS_MAX_LIMIT) {
    throw new RaftStoreError("invalid-argument", `snapshotsMax is ${snapshotsMax}`);
  }
  const snapshotAgeMsMax = options.snapshotAgeMsMax ?? SNAPSHOT_AGE_MS_MAX_DEFAULT;
  if (!(snapshotAgeMsMax >= 0)) {
    throw new RaftStoreError("invalid-argument", `snapshotAgeMsMax is ${snapshotAgeMsMax}`);
  }
  const idleMarkMs = options.idleMarkMs ?? IDLE_MARK_MS_DEFAULT;
  if (!(idleMarkMs >= 0 && idleMarkMs <= 2_147_483_647)) {
    throw new RaftStoreError("invalid-argument", `idleMarkMs is ${idleMarkMs}`);
  }
  if (options.directory === "") throw new RaftStoreError("invalid-argument", "directory is empty");
  return {
    directory: options.directory,
    segmentBytes,
    snapshotsMax,
    snapshotAgeMsMax,
    nowMs: options.nowMs ?? Date.now,
    diskCalls: options.diskCalls ?? "auto",
    idleMarkMs,
    onDiskFull: options.onDiskFull ?? (() => undefined),
    keyProvider: options.keyProvider,
    onRecovery: options.onRecovery ?? (() => undefined),
    vfs: options.vfs ?? createNodeVfs(),
  };
}
