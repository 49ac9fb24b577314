import type { LogIndex, NodeId, Term } from "./ids.ts";

/** What the data of an entry is: the application's bytes, or a configuration change (V1 or V2 encoding). */
export type EntryKind = "normal" | "conf-change" | "conf-change-v2";

/** One entry of the replicated log. Immutable once handed over, in either direction. */
export interface Entry {
  readonly kind: EntryKind;
  readonly term: Term;
  readonly index: LogIndex;
  /** Empty for the entry by which a new leader commits its term. */
  readonly data: Uint8Array;
}

/** An entry before it has its place in the log. */
export type EntryDraft = Pick<Entry, "kind" | "data">;

/** The part of the state that must be durable before messages that depend on it are sent (Raft paper, figure 2). */
export interface HardState {
  readonly term: Term;
  /** Whom this node voted for in `term`; 0 when nobody. */
  readonly vote: NodeId;
  readonly commit: LogIndex;
}

/** The members of a group, as of an applied entry. Lists are ascending. */
export interface ConfState {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** Voters of the outgoing half of a joint configuration; empty outside of one. */
  readonly votersOutgoing: readonly NodeId[];
  /** Voters that become learners once the joint configuration is left. */
  readonly learnersNext: readonly NodeId[];
  /** The leader proposes to leave this joint configuration by itself. */
  readonly autoLeave: boolean;
}

/** Which state a snapshot holds: all entries up to and with `index`. */
export interface SnapshotMetadata {
  readonly index: LogIndex;
  readonly term: Term;
  readonly confState: ConfState;
}

/**
 * A snapshot as Raft sees it. `data` is opaque to the core: a driver that streams the state out of band puts a
 * reference here, or nothing.
 */
export interface Snapshot {
  readonly metadata: SnapshotMetadata;
  readonly data: Uint8Array;
}
