import { campaign } from "../election/campaign.ts";
import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import type { Message, VoteResponse } from "../messages.ts";
import { jointVote } from "../quorum/joint.ts";
import { forwardProposal, forwardRead } from "../replication/forward.ts";
import { broadcastAppend } from "../replication/send.ts";
import { isPromotable } from "../state.ts";
import type { CoreState } from "../state.ts";
import { stepFollower, traceTimeoutNow } from "./follower.ts";
import { becomeFollower, becomeLeader } from "./transitions.ts";

/** Messages at the present term, or of no term, for a candidate or pre-candidate. */
export function stepCandidate(state: CoreState, message: Message): void {
  switch (message.type) {
    case "append":
    case "heartbeat":
    case "snapshot":
      // Somebody else won this term.
      becomeFollower(state, message.term, message.from);
      stepFollower(state, message);
      return;
    case "vote-response":
      if (state.role === "candidate") countVote(state, message);
      return;
    case "pre-vote-response":
      if (state.role === "pre-candidate" && answersThisRound(state, message))
        countVote(state, message);
      return;
    case "propose":
      forwardProposal(state, message);
      return;
    case "read-index":
      forwardRead(state, message);
      return;
    case "timeout-now":
      traceTimeoutNow(state, message.from, "ignored");
      return;
    default:
      return;
  }
}

/** A grant names the term that was asked for; one of an earlier round says nothing about this one. */
function answersThisRound(state: CoreState, { reject, term }: VoteResponse): boolean {
  return reject || term === state.term + 1;
}

function countVote(state: CoreState, { from, reject }: VoteResponse): void {
  // The first answer of each voter counts.
  if (!state.votes.has(from)) state.votes.set(from, !reject);
  traceCount(state, from, !reject);
  switch (jointVote(state.configuration, state.votes)) {
    case "won":
      // Removed meanwhile: whoever is still a member has to lead.
      if (!isPromotable(state)) becomeFollower(state, state.term, NO_NODE);
      else if (state.role === "pre-candidate") campaign(state, "plain");
      else {
        becomeLeader(state);
        broadcastAppend(state);
      }
      return;
    case "lost":
      becomeFollower(state, state.term, NO_NODE);
      return;
    case "pending":
      return;
  }
}

function traceCount(state: CoreState, from: NodeId, granted: boolean): void {
  const { options, votes } = state;
  const pre = state.role === "pre-candidate";
  options.trace?.({ type: "vote-received", from, pre, granted, term: state.term });
  let yes = 0;
  let no = 0;
  for (const [id, vote] of votes) {
    // Learners may vote, which does not count.
    if (!state.progress.has(id) || state.configuration.learners.has(id)) continue;
    if (vote) yes += 1;
    else no += 1;
  }
  options.trace?.({ type: "votes-counted", pre, granted: yes, rejected: no });
}
