import type { Entry, EntryDraft, Snapshot } from "./entry.ts";
import type { LogIndex, NodeId, Term } from "./ids.ts";

interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; that of the election asked for in votes; 0 on proposals and read requests, which belong to none. */
  readonly term: Term;
}

/** Leader → peer: entries that follow (`index`, `logTerm`), and how far the leader has committed. */
export interface AppendMessage extends Envelope {
  readonly type: "append";
  readonly index: LogIndex;
  readonly logTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: LogIndex;
}

/** Peer → leader: `index` is the last matching index, or the refused one with a hint where to try next. */
export interface AppendResponse extends Envelope {
  readonly type: "append-response";
  readonly index: LogIndex;
  readonly reject: boolean;
  readonly rejectHint: LogIndex;
  /** Term of the entry at `rejectHint`; 0 unless refused. */
  readonly logTerm: Term;
}

/** Candidate → peer. `transfer` marks an election that the old leader asked for: leases do not protect against it. */
export interface VoteMessage extends Envelope {
  readonly type: "vote" | "pre-vote";
  readonly index: LogIndex;
  readonly logTerm: Term;
  readonly transfer: boolean;
  /** Election priority of the sender, as in raft-rs; 0 is neutral. Whole, at most `PRIORITY_MAX`. */
  readonly priority: number;
}

/** Peer → candidate. A granted pre-vote names the term that was asked for, any other answer the sender's own. */
export interface VoteResponse extends Envelope {
  readonly type: "vote-response" | "pre-vote-response";
  readonly reject: boolean;
}

/** Leader → peer: I lead; `context` identifies the read round that it also confirms (empty when none). */
export interface HeartbeatMessage extends Envelope {
  readonly type: "heartbeat";
  readonly commit: LogIndex;
  readonly context: Uint8Array;
}

/** Peer → leader: `context` is that of the heartbeat. */
export interface HeartbeatResponse extends Envelope {
  readonly type: "heartbeat-response";
  readonly context: Uint8Array;
}

/** Leader → peer whose next entry is already compacted. The driver delivers the state that `snapshot` names. */
export interface SnapshotMessage extends Envelope {
  readonly type: "snapshot";
  readonly snapshot: Snapshot;
}

/** Follower → leader: proposals made on a follower. */
export interface ProposeMessage extends Envelope {
  readonly type: "propose";
  readonly entries: readonly EntryDraft[];
}

/** Leader → peer: start an election at once (thesis, 3.10). */
export interface TimeoutNowMessage extends Envelope {
  readonly type: "timeout-now";
}

/** Anyone → leader: hand leadership to `from`. */
export interface TransferLeaderMessage extends Envelope {
  readonly type: "transfer-leader";
}

/** Follower → leader: a linearizable read is asked for. */
export interface ReadIndexMessage extends Envelope {
  readonly type: "read-index";
  readonly context: Uint8Array;
}

/** Leader → follower: the read that `context` names may be served once `index` is applied. */
export interface ReadIndexResponse extends Envelope {
  readonly type: "read-index-response";
  readonly index: LogIndex;
  readonly context: Uint8Array;
}

/** Everything that travels between members. */
export type Message =
  | AppendMessage
  | AppendResponse
  | VoteMessage
  | VoteResponse
  | HeartbeatMessage
  | HeartbeatResponse
  | SnapshotMessage
  | ProposeMessage
  | TimeoutNowMessage
  | TransferLeaderMessage
  | ReadIndexMessage
  | ReadIndexResponse;
