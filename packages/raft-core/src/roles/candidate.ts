import { campaign } from "../election/campaign.ts";
import { NO_NODE } from "../ids.ts";
import type { Message, VoteResponse } from "../messages.ts";
import { ignore } from "../outbox.ts";
import { jointVote } from "../quorum/joint.ts";
import { broadcastAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";
import { stepFollower } from "./follower.ts";
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
    case "read-index":
      ignore(state, message.type, "no leader");
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
  switch (jointVote(state.configuration, state.votes)) {
    case "won":
      if (state.role === "pre-candidate") campaign(state, "plain");
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
