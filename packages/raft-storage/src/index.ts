/**
 * Where one Raft member keeps its log, hard state and snapshots. This entry is the contract; implementations are at
 * `/memory` and `/file`, the compliance cases at `/testing`.
 * @packageDocumentation
 */
export type {
  AppendBatch,
  RaftStore,
  SnapshotDigest,
  SnapshotReader,
  SnapshotStage,
  StoredState,
} from "./store.ts";
export type { IntactPart, RaftStoreErrorCode, RaftStoreErrorDetails } from "./errors.ts";
export { RaftStoreError, isRaftStoreError } from "./errors.ts";
export {
  BATCH_BYTES_MAX,
  BLOCKING_MS_MAX,
  BLOCKING_PAUSE_MS,
  BLOCKING_PAUSE_MS_MAX,
  BLOCKING_SAMPLES,
  BLOCKING_STALL_MS,
  GROUP_BYTES_MAX,
  IDLE_MARK_MS_DEFAULT,
  KEY_ID_BYTES_MAX,
  KEYS_MAX,
  MEMBERS_MAX,
  MEMORY_BYTES_MAX_DEFAULT,
  PREPARE_RETRY_SHARE,
  QUEUE_LENGTH_MAX,
  RECORD_BUFFER_BYTES,
  SEGMENT_BYTES_DEFAULT,
  SEGMENT_BYTES_MAX,
  SEGMENT_BYTES_MIN,
  SNAPSHOT_AGE_MS_MAX_DEFAULT,
  SNAPSHOT_CHUNK_BYTES,
  SNAPSHOT_PIECE_BYTES,
  SNAPSHOT_SYNC_BYTES,
  SNAPSHOTS_MAX_DEFAULT,
  SNAPSHOTS_MAX_LIMIT,
  STAGE_IDENTITY_LENGTH_MAX,
  WRAPPED_KEY_BYTES_MAX,
} from "./limits.ts";
