import type { Applied } from "./replica/proposals.ts";
import type { ConfState, NodeId, RaftStatus } from "@waggle/raft-core";
import type { PeerConnection } from "./network/connection.ts";
import type { RaftNodeListener } from "./events.ts";

/** How a call may be given up. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** How a read may be given up. */
export interface ReadOptions extends CallOptions {
  /** Milliseconds until the read is refused with `timeout`. Default 5 000. */
  readonly timeoutMs?: number;
}

/** How a node takes part in elections; the same on every member of a well-kept group. */
export interface ElectionSettings {
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
}

/** A copy of a node's state, for people and metrics. */
export interface RaftNodeStatus {
  readonly id: NodeId;
  /** `failed` after the store or the state machine broke. */
  readonly state: "running" | "stopped" | "failed";
  /** Undefined while nobody is known to lead. */
  readonly leader: NodeId | undefined;
  readonly settings: ElectionSettings;
  /** The state machine holds everything up to and with this index. */
  readonly applied: number;
  /** The core's own view, but that a peer is `recentlyActive` when it was heard within an election's time. */
  readonly core: RaftStatus;
  /** Peers with an open outgoing connection. */
  readonly connected: readonly NodeId[];
  readonly pendingProposals: number;
  readonly pendingProposalBytes: number;
  readonly pendingReads: number;
  /** Committed entries that wait for the state machine. */
  readonly applyQueueEntries: number;
  readonly applyQueueBytes: number;
  readonly outboundBytes: number;
  readonly snapshotsSending: number;
}

/** A running member of a Raft group. All rejections are RaftNodeErrors. */
export interface RaftNode extends AsyncDisposable {
  readonly id: NodeId;
  /**
   * Replicates bytes (at least one) and resolves once they are applied on this node. Only on the leader. Proposals made in
   * one turn share one append.
   * @throws RaftNodeError `not-leader`, `overloaded`, `stopped`, `transfer-in-progress`, `leadership-lost`,
   * `stopped-in-flight`, `aborted`, `invalid-argument`; its `outcome` says whether the entry may still take effect.
   */
  propose(data: Uint8Array, options?: CallOptions): Promise<Applied>;
  /**
   * Resolves once this member, any member, has applied everything that was committed anywhere when the call was made;
   * with the index that this took. Asked again when leadership moves.
   * @throws RaftNodeError `timeout`, `aborted`, `overloaded`, `stopped`.
   */
  read(options?: ReadOptions): Promise<number>;
  /** Takes over an inbound connection, of protocol `raft/1` or `raft-snapshot/1`; others are cut. */
  accept(connection: PeerConnection): void;
  /**
   * Makes a node a voter and resolves with the members once that is applied here: first a learner, which costs the quorum
   * nothing, then a voter, once a round of replication to it takes less than an election timeout. `context` travels with
   * both changes, into the `members` events of every member. Only on the leader.
   *
   * The same call again, after a failure or on the next leader, goes on where the node stands: a learner is promoted, for
   * a voter it resolves at once. Whatever it rejects with, the node may be a learner by then, which does no harm.
   * @throws RaftNodeError `not-caught-up`, `not-leader`, `timeout`, `unsupported-change`, `leadership-lost`, …
   */
  addMember(id: NodeId, context: Uint8Array, options?: CallOptions): Promise<ConfState>;
  /**
   * Has a node get the log without a vote, and resolves with the members once that is applied here. At once when it is a
   * learner or a voter already. Only on the leader. The first half of `addMember`.
   * @throws RaftNodeError `not-leader`, `timeout`, `unsupported-change`, `leadership-lost`, …
   */
  addLearner(id: NodeId, context: Uint8Array, options?: CallOptions): Promise<ConfState>;
  /**
   * Makes a learner a voter once it is caught up. At once when it is one already. Only on the leader. The second half of
   * `addMember`: for learners that an earlier leader left.
   * @throws RaftNodeError `not-caught-up`, `unsupported-change` (it is no member), `not-leader`, `leadership-lost`, …
   */
  promoteMember(id: NodeId, options?: CallOptions): Promise<ConfState>;
  /**
   * Removes a member and resolves with the members once that is applied here. At once when it is none. Only on the leader.
   * @throws RaftNodeError `quorum-at-risk` when too few of the remaining voters were heard lately, `not-leader`, …
   */
  removeMember(id: NodeId, options?: CallOptions): Promise<ConfState>;
  /**
   * Hands leadership to a voter, the one that is furthest when none is named; resolves with who leads then. On the leader,
   * further proposals are refused (`transfer-in-progress`) meanwhile, and those under way get their result first.
   * @throws RaftNodeError `timeout`, `not-leader` (nobody leads, or none is named and another member leads),
   * `unsupported-change` (nobody to hand it to), `stopped`.
   */
  transferLeadership(to?: NodeId): Promise<NodeId>;
  status(): RaftNodeStatus;
  /** Calls `listener` for every event from now on; returns how to end that. */
  subscribe(listener: RaftNodeListener): () => void;
  /**
   * Hands leadership over if it has it and another voter lives (at most a second), finishes what is being applied, closes connections and store.
   * Idempotent.
   */
  stop(): Promise<void>;
}
