export { NO_NODE, nodeId, term, logIndex } from "./ids.ts";
export type { NodeId, Term, LogIndex } from "./ids.ts";
export type {
  Entry,
  EntryKind,
  HardState,
  ConfState,
  Snapshot,
  SnapshotMetadata,
} from "./entry.ts";
export type { ConfChange, ConfChangeSingle } from "./membership/change.ts";
export type { Message } from "./messages.ts";
export type { Ready, Role, SoftState, ReadState } from "./ready.ts";
export type { RaftCore, RaftStatus, PeerStatus, InitialState } from "./raft.ts";
