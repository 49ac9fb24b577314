/**
 * A running Raft replica: the raft-core state machine bound to a store, a network and your state machine.
 * @packageDocumentation
 */
export { createRaftNode } from "./create.ts";
export { systemClock } from "./clock.ts";
export { RaftNodeError, isRaftNodeError } from "./errors.ts";
export { RAFT_PROTOCOL, SNAPSHOT_PROTOCOL } from "./network/connection.ts";
export { NO_NODE, nodeId } from "@waggle/raft-core";
export {
  APPLY_QUEUE_BYTES_MAX_DEFAULT,
  CATCH_UP_ROUNDS_MAX,
  CATCH_UP_STALL_MS,
  CHANGE_TIMEOUT_MS,
  DIAL_TIMEOUT_MS,
  INBOUND_BYTES_MAX_DEFAULT,
  INBOUND_CONNECTIONS_MAX,
  MEMBER_CONTEXT_BYTES_MAX,
  OUTBOUND_BYTES_MAX,
  PENDING_BYTES_MAX_DEFAULT,
  PENDING_PROPOSALS_MAX_DEFAULT,
  PENDING_READS_MAX,
  PROPOSAL_BYTES_MAX,
  READ_TIMEOUT_MS_DEFAULT,
  SNAPSHOT_BYTES_MAX_DEFAULT,
  SNAPSHOT_SENDS_MAX,
  SNAPSHOT_STALL_MS,
  STOP_APPLY_MS,
  STOP_CLOSE_MS,
  STOP_TRANSFER_MS,
} from "./limits.ts";

export type { Clock } from "./clock.ts";
export type { Dial, RaftLogger, RaftNodeLimits, RaftNodeOptions } from "./options.ts";
export type { PeerConnection } from "./network/connection.ts";
export type { AppliedEntry, StateMachine } from "./state-machine.ts";
export type { Applied } from "./replica/proposals.ts";
export type {
  CallOptions,
  ElectionSettings,
  RaftNode,
  RaftNodeStatus,
  ReadOptions,
} from "./node.ts";
export type { RaftNodeEvent, RaftNodeListener } from "./events.ts";
export type {
  MemberProgress,
  RaftNodeErrorCode,
  RaftNodeErrorDetails,
  RaftNodeOutcome,
} from "./errors.ts";
export type { ConfChange, ConfState, NodeId, RaftStatus } from "@waggle/raft-core";
