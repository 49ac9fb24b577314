import type { ConfState } from "./entry.ts";
import type { NodeId, LogIndex, Term } from "./ids.ts";
import type { RaftLog } from "./log/raft-log.ts";
import type { Configuration } from "./membership/configuration.ts";
import type { Message } from "./messages.ts";
import type { ResolvedOptions } from "./options.ts";
import type { InflightLimits } from "./progress/inflights.ts";
import type { Progress } from "./progress/progress.ts";
import type { ReadQueue } from "./read-index/read-queue.ts";
import type { ReadState, Role } from "./ready.ts";
import type { WaitingAppend } from "./replication/batch.ts";

/** Everything that one member knows. Rooms are functions on it; it never leaves the package. */
export interface CoreState {
  readonly id: NodeId;
  readonly options: ResolvedOptions;
  readonly log: RaftLog;

  term: Term;
  vote: NodeId;
  role: Role;
  leader: NodeId;

  /** Election priority; 0 is neutral. */
  priority: number;

  configuration: Configuration;
  /** The same in the form for snapshots and status. */
  confState: ConfState;
  /**
   * While a restored snapshot waits: the members as of the applied entries, which the driver may still be applying.
   * `configuration` is the snapshot's already.
   */
  supersededConfiguration: Configuration | undefined;
  /** One per member, ascending by id; meaningful on the leader. */
  progress: Map<NodeId, Progress>;
  /** Members for which `setInflightLimits` was called. */
  readonly inflightLimits: Map<NodeId, InflightLimits>;
  votes: Map<NodeId, boolean>;

  electionElapsed: number;
  heartbeatElapsed: number;
  electionTimeout: number;

  /** Who is to lead next; 0 when no transfer runs. */
  transferee: NodeId;
  /** No change of the members may be proposed before this index is applied. */
  pendingChangeIndex: LogIndex;
  uncommittedBytes: number;

  readonly reads: ReadQueue;
  readStates: ReadState[];
  readonly outbox: Outbox;
}

/** Messages gathered for the next Ready. */
export interface Outbox {
  messages: Message[];
  /** What waits for the write, in order; some of it goes to this node itself. */
  afterPersist: Message[];
  /** With `batchAppends`: the newest append to each peer among `messages`, which may still grow. */
  readonly waitingAppends: Map<NodeId, WaitingAppend>;
}

/** True when this node may campaign: a voter that has its log and its members at hand. */
export function isPromotable(state: CoreState): boolean {
  return (
    state.progress.has(state.id) &&
    !state.configuration.learners.has(state.id) &&
    state.log.unstable.snapshot === undefined
  );
}
