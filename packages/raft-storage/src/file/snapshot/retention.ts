import type { SnapshotMetadata } from "@waggle/raft-core";

/** How long snapshots stay once a newer one is in force. */
export interface SnapshotRetention {
  /** Most snapshots, the newest among them. */
  readonly snapshotsMax: number;
  /** An older one goes when it was taken longer ago than this. */
  readonly snapshotAgeMsMax: number;
}

/** One snapshot's file. */
export interface SnapshotFile {
  readonly name: string;
  readonly metadata: Pick<SnapshotMetadata, "index" | "term">;
  /** Milliseconds since 1970; undefined when the file does not say so intelligibly. */
  readonly takenAtMs: number | undefined;
  /** The data key that it is sealed with, if it is. */
  readonly keyId?: number | undefined;
}

/** Those that need not be kept; never the newest, which stands last. */
export function superseded(
  files: readonly SnapshotFile[],
  { snapshotsMax, snapshotAgeMsMax }: SnapshotRetention,
  nowMs: number,
): readonly SnapshotFile[] {
  return files
    .slice(0, -1)
    .filter(
      ({ takenAtMs }, at) =>
        files.length - at > snapshotsMax || nowMs - (takenAtMs ?? nowMs) > snapshotAgeMsMax,
    );
}
