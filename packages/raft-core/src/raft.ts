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
  /** The last entry that is known to be durable there. */
  readonly match: LogIndex;
  /** The first entry of the next append. */
  readonly next: LogIndex;
  /** `probe`: where its log ends is being found out; `replicate`: sent ahead; `snapshot`: waits for one. */
  readonly state: "probe" | "replicate" | "snapshot";
  /** It answered since the last quorum check. */
  readonly recentlyActive: boolean;
  readonly learner: boolean;
  /** True while nothing but heartbeats is sent: the peer has to answer first. */
  readonly paused: boolean;
  /** Index of the snapshot that is on its way; 0 when none is. */
  readonly pendingSnapshot: LogIndex;
  /** Appends without an answer. */
  readonly inflightAppends: number;
  /** Their number or their bytes reached the limit. */
  readonly inflightFull: boolean;
}

/** A copy of the state for people and metrics. */
export interface RaftStatus {
  readonly id: NodeId;
  readonly role: Role;
  /** 0 when nobody is known to lead. */
  readonly leader: NodeId;
  readonly term: Term;
  /** Whom this node voted for in `term`; 0 when nobody. */
  readonly vote: NodeId;
  /** Whom this leader hands over to; 0 when no transfer runs. */
  readonly transferee: NodeId;
  /** The present election priority. */
  readonly priority: number;
  readonly commit: LogIndex;
  readonly applied: LogIndex;
  readonly lastIndex: LogIndex;
  /** The first entry that is still in memory; `lastIndex` + 1 when none is. */
  readonly firstIndex: LogIndex;
  /** The members, as of the applied entries. */
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
  /**
   * A message arrived from the network.
   * @throws RaftError `invalid-message` for what no correct peer sends; state unchanged.
   */
  step(message: Message): void;
  /** Starts an election at once; no effect on a leader or a node that is no voter. */
  campaign(): void;
  /**
   * Appends entries (on the leader), or forwards them to it, in one message.
   * Nothing tells that a proposal is lost, with its leader or on the way: who proposed waits with a time limit.
   * @throws RaftError `no-leader`, `not-leader`, `transfer-in-progress`, `uncommitted-limit`, `not-a-member`, and
   * `invalid-argument` for no data; state unchanged.
   */
  propose(data: readonly Uint8Array[]): void;
  /**
   * The same with entries of any kind. A change of the members that cannot be made now becomes an empty entry, as it does
   * when a follower forwards it. @throws RaftError as `propose`, and
   * `invalid-argument` for data that are no change although their kind says so; state unchanged.
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
  /**
   * Asks for a linearizable read; the answer is a `ReadState` with the same context, in this node's Ready. It may be
   * lost, with its leader or on the way: ask again after a while.
   * @throws RaftError `no-leader`, `read-limit`; state unchanged.
   */
  readIndex(context: Uint8Array): void;
  /**
   * On the leader: bring `to` up to date, then make it campaign; ends after one election timeout at the latest. Without `to`
   * the leader takes the voter that is most caught up, one that it heard of lately before any other. Elsewhere: ask the
   * leader to, which ignores what it cannot do; the request has no room for "whom you like", so `to` must be named.
   * @throws RaftError `no-leader`, `not-leader` (no `to`), `no-transferee`, `unsupported-transfer`, `invalid-argument` for
   * what is no node id; state unchanged.
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
  /** A message to `id` did not arrive: the leader finds out anew where it stands. No effect elsewhere. */
  reportUnreachable(id: NodeId): void;
  /**
   * A snapshot sent to `id` arrived, or did not. To be called once for each, late rather than never: until then the peer is
   * sent nothing else, unless it answers by itself. No effect elsewhere than on the leader.
   */
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
   * A snapshot of the application at `metadata` is durable, and entries up to and with `through` are no longer needed in
   * memory; a margin of some thousand spares peers that are a little behind a snapshot.
   * @throws RaftError `invalid-argument` unless `through` ≤ `metadata.index` ≤ applied, the term is that of the entry there,
   * and the members do not contradict themselves; state unchanged.
   */
  compact(metadata: SnapshotMetadata, through: LogIndex): void;
  /** True when `ready()` has something to do. False from `ready()` to `advance()`. */
  hasReady(): boolean;
  /**
   * Takes the effects gathered so far; {@link Ready} says what to do with them.
   * @throws RaftError `out-of-turn` before the last is advanced; state unchanged.
   */
  ready(): Ready;
  /**
   * With `asyncStorageWrites`: one of the responses of a request, addressed to this node, is due. Exactly once for each.
   * @throws RaftError `invalid-argument` for one of another node, and always without that option; state unchanged.
   */
  stepLocal(message: LocalMessage): void;
  /**
   * All duties of the last `ready()` are done.
   * @throws RaftError `out-of-turn` without one, and always with `asyncStorageWrites`; state unchanged.
   */
  advance(): void;
  /** A copy of the state: it costs a walk over all members, so not for every message. */
  status(): RaftStatus;
}
