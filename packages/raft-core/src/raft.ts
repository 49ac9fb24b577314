import type { ConfState, Entry, EntryDraft, HardState, SnapshotMetadata } from "./entry.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import type { ConfChange } from "./membership/change.ts";
import type { Message } from "./messages.ts";
import type { InflightLimits } from "./progress/inflights.ts";
import type { Ready, Role } from "./ready.ts";
import type { LocalMessage } from "./storage-messages.ts";

/** What a member reads from its store at start. All empty for a node that joins a running group. */
export interface InitialState {
  readonly hardState: HardState | undefined;
  /** The newest snapshot; it also says who the members are. */
  readonly snapshot: SnapshotMetadata | undefined;
  /** Entries after the snapshot, or with a compaction margin before it, without a gap. */
  readonly entries: readonly Entry[];
}

/** Where a peer stands, as the leader sees it. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly match: LogIndex;
  readonly next: LogIndex;
  readonly state: "probe" | "replicate" | "snapshot";
  readonly recentlyActive: boolean;
  readonly learner: boolean;
  /** True while nothing but heartbeats is sent: the peer has to answer first. */
  readonly paused: boolean;
  /** Index of the snapshot that is on its way; 0 when none is. */
  readonly pendingSnapshot: LogIndex;
  /** Appends without an answer. */
  readonly inflightAppends: number;
  readonly inflightFull: boolean;
}

/** A copy of the state for people and metrics. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  readonly leader: NodeId;
  readonly term: Term;
  readonly vote: NodeId;
  /** Whom this leader hands over to; 0 when no transfer runs. */
  readonly transferee: NodeId;
  /** The present election priority. */
  readonly priority: number;
  readonly commit: LogIndex;
  readonly applied: LogIndex;
  readonly lastIndex: LogIndex;
  readonly firstIndex: LogIndex;
  readonly confState: ConfState;
  /** Empty unless this node leads. */
  readonly peers: readonly PeerStatus[];
}

/**
 * One member of a Raft group without its clock, disk and network. All methods are synchronous; effects come out of
 * {@link RaftCore.ready} as plain data.
 */
export interface RaftCore {
  readonly id: NodeId;
  /** One unit of time has passed. */
  tick(): void;
  /** A message arrived from the network. @throws RaftError for a message that no peer may send; state unchanged. */
  step(message: Message): void;
  /** Starts an election at once; no effect on a leader or a node that is no voter. */
  campaign(): void;
  /**
   * Appends entries (on the leader), or forwards them to it, in one message.
   * @throws RaftError `no-leader`, `not-leader`, `transfer-in-progress`, `uncommitted-limit`, `not-a-member`; state unchanged.
   */
  propose(data: readonly Uint8Array[]): void;
  /**
   * The same with entries of any kind. A change of the members that cannot be made now becomes an empty entry, as it does
   * when a follower forwards it. @throws RaftError as `propose`, and `invalid-argument`.
   */
  proposeEntries(entries: readonly EntryDraft[]): void;
  /**
   * Proposes a change of the members. @throws RaftError as `propose`, and `change-in-flight`, `joint-configuration`,
   * `not-joint`, `unsupported-change`; state unchanged. A follower checks only that it is a change at all.
   */
  proposeConfChange(change: ConfChange): void;
  /**
   * Takes a committed change into force and returns the members from now on.
   * @throws RaftError `unsupported-change`, `joint-configuration`, `not-joint` for one that the members do not allow, which
   * counts as applied: all members refuse it alike. State unchanged.
   */
  applyConfChange(change: ConfChange): ConfState;
  /** Asks for a linearizable read; the answer is a ReadState with the same context. @throws RaftError `no-leader`, `read-limit`. */
  readIndex(context: Uint8Array): void;
  /**
   * On the leader: bring `to` up to date, then make it campaign; ends after one election timeout at the latest. Without `to`
   * the leader takes the voter that is most caught up, of those that it heard of lately. Elsewhere: ask the leader to, which
   * ignores what it cannot do; the request has no room for "whom you like", so `to` must be named.
   * @throws RaftError `no-leader`, `not-leader` (no `to`), `no-transferee`, `unsupported-transfer`; state unchanged.
   */
  transferLeadership(to?: NodeId): void;
  /**
   * Changes the election priority from the next vote on (see `RaftOptions.priority`).
   * @throws RaftError `invalid-argument`; state unchanged.
   */
  setPriority(priority: number): void;
  /**
   * On a follower: the leader is known to be dead, so that this node may vote before its lease on the leader ends. No
   * effect elsewhere, and with lease reads, which trust in that lease.
   */
  forgetLeader(): void;
  /** The last message to `id` did not arrive. */
  reportUnreachable(id: NodeId): void;
  /** A snapshot sent to `id` arrived, or did not. */
  reportSnapshot(id: NodeId, outcome: "finished" | "failed"): void;
  /**
   * Changes how much may be on its way to `id`, in place of `maxInflightAppends` and `maxInflightBytes`; what is left out
   * stays as it is. A smaller window than what is on its way takes nothing new until that is acknowledged; a larger one
   * is used at once. Holds on every node that calls it, over elections and snapshots, until `id` leaves the group or the
   * node restarts. No effect for a node that is no member. As raft-rs's `adjust_max_inflight_msgs`.
   * @throws RaftError `invalid-argument` unless both are whole numbers, at least 1 and at least `maxBytesPerAppend`.
   */
  setInflightLimits(id: NodeId, limits: Partial<InflightLimits>): void;
  /**
   * The application holds a snapshot at `metadata`, and entries up to and with `through` are no longer needed in
   * memory. `through` ≤ `metadata.index` ≤ applied.
   */
  compact(metadata: SnapshotMetadata, through: LogIndex): void;
  hasReady(): boolean;
  /** Takes the effects gathered so far; {@link Ready} says what to do with them. */
  ready(): Ready;
  /** With `asyncStorageWrites`: one of the responses of a request, addressed to this node, is due. */
  stepLocal(message: LocalMessage): void;
  /** All duties of the last `ready()` are done. @throws RaftError `out-of-turn`, always with `asyncStorageWrites`. */
  advance(): void;
  status(): RaftStatus;
}
