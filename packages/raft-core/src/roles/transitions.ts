import { NO_NODE } from "../ids.ts";
import type { LogIndex, NodeId, Term } from "../ids.ts";
import { assert } from "../internal/assert.ts";
import { inflightLimitsOf } from "../progress/inflight-limits.ts";
import { Inflights } from "../progress/inflights.ts";
import { Progress } from "../progress/progress.ts";
import type { Role } from "../ready.ts";
import { appendLocal } from "../replication/append-local.ts";
import type { CoreState } from "../state.ts";

const NO_INDEX = 0 as LogIndex;

/** A peer of which nothing is known yet. */
export function freshProgress(
  state: CoreState,
  id: NodeId,
  start: { readonly match: LogIndex; readonly next: LogIndex; readonly recentlyActive: boolean },
): Progress {
  return new Progress({ ...start, inflights: new Inflights(inflightLimitsOf(state, id)) });
}

function reset(state: CoreState, term: Term): void {
  assert(term >= state.term, "the term went back");
  // The vote stays within a term: a member votes once in it (Raft paper, figure 2).
  if (term !== state.term) {
    state.term = term;
    state.vote = NO_NODE;
  }
  state.leader = NO_NODE;
  state.electionElapsed = 0;
  state.heartbeatElapsed = 0;
  drawElectionTimeout(state);
  state.transferee = NO_NODE;
  state.votes.clear();
  state.pendingChangeIndex = NO_INDEX;
  state.uncommittedBytes = 0;
  state.reads.clear();
  const last = state.log.lastIndex;
  for (const id of state.progress.keys()) {
    const match = id === state.id ? last : NO_INDEX;
    const next = (last + 1) as LogIndex;
    state.progress.set(id, freshProgress(state, id, { match, next, recentlyActive: false }));
  }
}

/** Draws a new random timeout in [electionTicks, 2 × electionTicks). */
export function drawElectionTimeout(state: CoreState): void {
  const { electionTicks, random } = state.options;
  state.electionTimeout = electionTicks + Math.floor(random() * electionTicks);
}

function enter(state: CoreState, role: Role): void {
  state.role = role;
  state.options.trace?.({ type: "role", role, term: state.term, leader: state.leader });
}

/** Follows `leader`, or nobody yet, in a term that is not earlier than the present one. */
export function becomeFollower(state: CoreState, term: Term, leader: NodeId): void {
  reset(state, term);
  state.leader = leader;
  enter(state, "follower");
}

/** Neither term nor vote change: a pre-candidate only asks what would happen. */
export function becomePreCandidate(state: CoreState): void {
  assert(state.role !== "leader", "a leader does not campaign");
  state.votes.clear();
  state.leader = NO_NODE;
  enter(state, "pre-candidate");
}

/** Begins the next term with a vote for itself, which counts once it is durable. */
export function becomeCandidate(state: CoreState): void {
  assert(state.role !== "leader", "a leader does not campaign");
  reset(state, (state.term + 1) as Term);
  state.vote = state.id;
  enter(state, "candidate");
}

/** Also appends the empty entry by which everything before it gets committed. */
export function becomeLeader(state: CoreState): void {
  assert(state.role !== "follower", "a follower does not lead without an election");
  reset(state, state.term);
  state.leader = state.id;
  const own = state.progress.get(state.id);
  assert(own !== undefined, "a leader is a member");
  own.becomeReplicate();
  own.recentlyActive = true;
  // Changes of the members in the tail are not known without a scan: wait until all of it is applied.
  state.pendingChangeIndex = state.log.lastIndex;
  state.role = "leader";
  appendLocal(state, [{ kind: "normal", data: new Uint8Array(0) }]);
  enter(state, "leader");
}
