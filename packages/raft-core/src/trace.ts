import type { ConfState } from "./entry.ts";
import type { UnsupportedChange, UnsupportedTransfer } from "./errors.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";
import type { ConfChange } from "./membership/change.ts";
import type { Message } from "./messages.ts";
import type { PeerStatus } from "./raft.ts";
import type { Role } from "./ready.ts";

/** The end of a log. */
interface LogEnd {
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** A position in a log. */
interface Position {
  readonly index: LogIndex;
  readonly logTerm: Term;
}

/** A message of another term than the own one. */
interface OtherTerm {
  readonly message: Message["type"];
  readonly from: NodeId;
  readonly term: Term;
  readonly messageTerm: Term;
}

/** A snapshot, and the log as it is with it. */
interface SnapshotTaken extends LogEnd {
  readonly commit: LogIndex;
  readonly index: LogIndex;
  readonly term: Term;
}

/** The core was created; comes after `members` and `role`. */
export interface StartedTrace extends LogEnd {
  readonly type: "started";
  readonly voters: readonly NodeId[];
  readonly term: Term;
  readonly commit: LogIndex;
  readonly applied: LogIndex;
}

/**
 * Why a vote was refused: it was given to another, a leader is known at this term, the candidate's log is behind, this
 * node has the higher priority and an equal log, or the request is for a term that is over.
 */
export type VoteRefusal =
  "already-voted" | "leader-known" | "log-behind" | "priority" | "earlier-term";

/** Roles, elections, terms. */
export type ElectionTrace =
  | {
      readonly type: "role";
      readonly role: Role;
      readonly term: Term;
      readonly leader: NodeId;
    }
  /** A leader that checks its quorum did not hear from it; it steps down. */
  | { readonly type: "quorum-lost" }
  | {
      readonly type: "campaign-refused";
      readonly reason: "already-leader" | "not-promotable" | "pending-change" | "terms-exhausted";
      readonly term: Term;
    }
  /** `term` is that before the election. */
  | { readonly type: "campaign-started"; readonly term: Term }
  | ({
      readonly type: "vote-requested";
      readonly to: NodeId;
      readonly pre: boolean;
      readonly term: Term;
    } & LogEnd)
  | {
      readonly type: "vote-received";
      readonly from: NodeId;
      readonly pre: boolean;
      readonly granted: boolean;
      readonly term: Term;
    }
  | {
      readonly type: "votes-counted";
      readonly pre: boolean;
      readonly granted: number;
      readonly rejected: number;
    }
  /** `vote` is that before the answer; the end is of the own log, the position of the candidate's. */
  | ({
      readonly type: "vote-answered";
      readonly candidate: NodeId;
      readonly pre: boolean;
      readonly granted: boolean;
      /** Undefined when it was granted. */
      readonly refusal: VoteRefusal | undefined;
      readonly term: Term;
      readonly vote: NodeId;
    } & LogEnd &
      Position)
  /** A leader was heard of not long ago: no answer. */
  | ({
      readonly type: "vote-ignored";
      readonly candidate: NodeId;
      readonly pre: boolean;
      readonly term: Term;
      readonly vote: NodeId;
      readonly remainingTicks: number;
    } & LogEnd &
      Position)
  /** `term` is the own one before the message. */
  | ({ readonly type: "later-term" } & OtherTerm)
  | ({ readonly type: "earlier-term" } & OtherTerm)
  /** A write was asked for in an earlier term: what it says of the log is not believed. */
  | { readonly type: "earlier-write"; readonly term: Term; readonly messageTerm: Term }
  | {
      readonly type: "timeout-now";
      readonly from: NodeId;
      readonly role: Role;
      readonly term: Term;
      readonly outcome: "campaigns" | "ignored";
    };

/** Why a change of the members is not proposed now. */
export type ChangeObstacle =
  | { readonly kind: "unapplied"; readonly index: LogIndex; readonly applied: LogIndex }
  | { readonly kind: "joint" }
  | { readonly kind: "not-joint" }
  | { readonly kind: "unsupported"; readonly reason: UnsupportedChange };

/** Proposals and the members. */
export type ProposalTrace =
  | {
      readonly type: "proposal-dropped";
      readonly reason:
        | "no-leader"
        | "not-forwarded"
        | "not-a-member"
        | "transfer-in-progress"
        | "uncommitted-limit";
      readonly term: Term;
      readonly leader: NodeId;
      readonly transferee: NodeId;
    }
  /** An empty entry takes its place. */
  | {
      readonly type: "change-refused";
      readonly change: ConfChange;
      readonly confState: ConfState;
      readonly obstacle: ChangeObstacle;
    }
  | {
      readonly type: "auto-leave";
      readonly confState: ConfState;
      readonly outcome: "proposed" | "dropped";
    }
  | { readonly type: "members"; readonly confState: ConfState }
  | { readonly type: "commit"; readonly index: LogIndex; readonly term: Term };

/** The leader and its peers. `peer` is a copy from that moment. */
export type ReplicationTrace =
  | { readonly type: "unknown-peer"; readonly from: NodeId }
  /** An answer from a node that is no member: not taken. */
  | {
      readonly type: "answer-dropped";
      readonly message: Message["type"];
      readonly from: NodeId;
    }
  | {
      readonly type: "append-refused";
      readonly from: NodeId;
      readonly index: LogIndex;
      readonly hint: LogIndex;
      readonly hintTerm: Term;
    }
  | { readonly type: "peer-decreased"; readonly peer: PeerStatus }
  | { readonly type: "peer-recovered"; readonly peer: PeerStatus }
  | { readonly type: "peer-unreachable"; readonly peer: PeerStatus }
  | { readonly type: "peer-paused"; readonly peer: PeerStatus }
  | {
      readonly type: "snapshot-reported";
      readonly peer: PeerStatus;
      readonly outcome: "finished" | "failed";
    }
  /** The peer is silent: a snapshot is sent once it answers. */
  | { readonly type: "snapshot-deferred"; readonly to: NodeId }
  | {
      readonly type: "snapshot-sent";
      readonly peer: PeerStatus;
      readonly firstIndex: LogIndex;
      readonly commit: LogIndex;
      readonly index: LogIndex;
      readonly term: Term;
    };

/** The own log, on the way of following a leader and of writing. */
export type LogTrace =
  /** `ownTerm` is the own term at `index`, 0 when there is none. */
  | ({
      readonly type: "append-rejected";
      readonly from: NodeId;
      readonly ownTerm: Term;
    } & Position)
  | {
      readonly type: "conflict-found";
      readonly index: LogIndex;
      readonly existingTerm: Term;
      readonly conflictingTerm: Term;
    }
  /** Entries from `index` on that were not durable make way; `all` when none of these stays. */
  | { readonly type: "tail-replaced"; readonly index: LogIndex; readonly all: boolean }
  /** A finished write says nothing about the log of now. `ownTerm` is the term at `index`, 0 when there is none. */
  | {
      readonly type: "write-ignored";
      readonly reason: "missing" | "snapshot" | "other-term";
      readonly index: LogIndex;
      readonly term: Term;
      readonly ownTerm: Term;
    }
  /** The log as it was before. */
  | {
      readonly type: "restore-started";
      readonly commit: LogIndex;
      readonly applied: LogIndex;
      readonly applying: LogIndex;
      readonly unstableFrom: LogIndex;
      readonly unwrittenFrom: LogIndex;
      readonly unstableCount: number;
      readonly index: LogIndex;
      readonly term: Term;
    }
  /** `known`: all of the snapshot is in the log, only the commit moves. */
  | ({ readonly type: "snapshot-restored" } & SnapshotTaken)
  | ({ readonly type: "snapshot-known" } & SnapshotTaken)
  | {
      readonly type: "snapshot-answered";
      readonly commit: LogIndex;
      readonly index: LogIndex;
      readonly term: Term;
      readonly restored: boolean;
    };

/** Handing over leadership, forgetting a leader, reading. */
export type LeadershipTrace =
  | {
      readonly type: "transfer";
      readonly to: NodeId;
      readonly term: Term;
      /** `superseded`: another transfer takes its place. */
      readonly outcome: "started" | "aborted" | "superseded";
    }
  | {
      readonly type: "transfer-ignored";
      readonly to: NodeId;
      readonly term: Term;
      readonly reason: UnsupportedTransfer | "in-progress" | "no-leader";
    }
  | {
      readonly type: "timeout-now-sent";
      readonly to: NodeId;
      readonly when: "at-once" | "caught-up";
    }
  | { readonly type: "leader-forgotten"; readonly leader: NodeId; readonly term: Term }
  | { readonly type: "forget-refused" }
  /** Nobody leads to whom a read could be handed on. */
  | { readonly type: "read-dropped"; readonly role: Role; readonly term: Term }
  /** The leader does not answer the read of a peer: too many wait, or the peer was removed meanwhile. */
  | {
      readonly type: "read-refused";
      readonly from: NodeId;
      readonly reason: "read-limit" | "not-a-member";
    };

/** What happened inside, for logs and tests; nothing depends on it. */
export type RaftTrace =
  | StartedTrace
  | ElectionTrace
  | ProposalTrace
  | ReplicationTrace
  | LogTrace
  | LeadershipTrace
  /** A message was queued for the next Ready. */
  | { readonly type: "sent"; readonly message: Message };

/** Called while the core works: it must neither throw nor call the core. */
export type RaftTracer = (event: RaftTrace) => void;
