/**
 * A pure, deterministic Raft consensus core: no clock, no disk, no network.
 * @packageDocumentation
 */
export { createRaftCore } from "./core.ts";
export { bootstrapState } from "./bootstrap.ts";
export { APPEND_THREAD, APPLY_THREAD, NO_NODE, nodeId, term, logIndex } from "./ids.ts";
export { RaftError, RaftOptionsError, isRaftError, isRaftOptionsError } from "./errors.ts";
export { InvariantError, isInvariantError } from "./internal/assert.ts";
export {
  CHANGES_MAX,
  COUNTER_MAX,
  ENTRY_OVERHEAD_BYTES,
  MEMBERS_MAX,
  PRIORITY_MAX,
  READS_WAITING_MAX,
} from "./limits.ts";
export {
  BYTES_PER_APPEND_MAX_DEFAULT,
  COMMITTED_BYTES_PER_READY_MAX_DEFAULT,
  ELECTION_TICKS_DEFAULT,
  HEARTBEAT_TICKS_DEFAULT,
  INFLIGHT_APPENDS_MAX_DEFAULT,
  INFLIGHT_BYTES_MAX_DEFAULT,
  UNCOMMITTED_BYTES_MAX_DEFAULT,
} from "./options.ts";

export type { RaftOptions } from "./options.ts";
export type {
  RaftErrorCode,
  RaftErrorDetails,
  RaftOptionsErrorCode,
  RaftRetry,
  UnsupportedChange,
  UnsupportedTransfer,
} from "./errors.ts";
export type {
  ChangeObstacle,
  ElectionTrace,
  LeadershipTrace,
  LogTrace,
  ProposalTrace,
  RaftTrace,
  RaftTracer,
  ReplicationTrace,
  StartedTrace,
  VoteRefusal,
} from "./trace.ts";
export type {
  LocalMessage,
  StorageAppend,
  StorageAppendResponse,
  StorageApply,
  StorageApplyResponse,
  StorageRequest,
} from "./storage-messages.ts";
export type { NodeId, Term, LogIndex } from "./ids.ts";
export type {
  Entry,
  EntryDraft,
  EntryKind,
  HardState,
  ConfState,
  Snapshot,
  SnapshotMetadata,
} from "./entry.ts";
export type { ConfChange, ConfChangeSingle } from "./membership/change.ts";
export type {
  AppendMessage,
  AppendResponse,
  HeartbeatMessage,
  HeartbeatResponse,
  Message,
  ProposeMessage,
  ReadIndexMessage,
  ReadIndexResponse,
  SnapshotMessage,
  TimeoutNowMessage,
  TransferLeaderMessage,
  VoteMessage,
  VoteResponse,
} from "./messages.ts";
export type { Ready, Role, SoftState, ReadState } from "./ready.ts";
export type { InflightLimits } from "./progress/inflights.ts";
export type { RaftCore, RaftStatus, PeerStatus, InitialState } from "./raft.ts";
