import { answerVote, ignoreForLease, refuseEarlierPreVote } from "./election/vote.ts";
import { NO_NODE } from "./ids.ts";
import type { NodeId } from "./ids.ts";
import type { Message, VoteMessage } from "./messages.ts";
import { nudgeStaleLeader } from "./replication/receive.ts";
import { stepCandidate } from "./roles/candidate.ts";
import { stepFollower } from "./roles/follower.ts";
import { stepLeader } from "./roles/leader.ts";
import { becomeFollower } from "./roles/transitions.ts";
import type { CoreState } from "./state.ts";

/** Takes a checked message: first its term is judged, then the role decides. */
export function stepMessage(state: CoreState, message: Message): void {
  const termless =
    message.type === "propose" || message.type === "read-index" || message.term === 0;
  if (!termless && message.term > state.term && !passLaterTerm(state, message)) return;
  if (!termless && message.term < state.term) {
    answerEarlierTerm(state, message);
    return;
  }
  if (message.type === "vote" || message.type === "pre-vote") answerVote(state, message);
  else stepRole(state, message);
}

function stepRole(state: CoreState, message: Message): void {
  switch (state.role) {
    case "follower":
      stepFollower(state, message);
      return;
    case "pre-candidate":
    case "candidate":
      stepCandidate(state, message);
      return;
    case "leader":
      stepLeader(state, message);
      return;
  }
}

/** False when the message is to be dropped. */
function passLaterTerm(state: CoreState, message: Message): boolean {
  switch (message.type) {
    case "vote":
    case "pre-vote":
      if (isProtectedByLease(state, message)) {
        ignoreForLease(state, message);
        return false;
      }
      if (message.type === "vote") enterTerm(state, message, NO_NODE);
      return true;
    case "pre-vote-response":
      // Granted for a term that does not exist yet. A refusal comes from someone who is really further on.
      if (message.reject) enterTerm(state, message, NO_NODE);
      return true;
    case "append":
    case "heartbeat":
    case "snapshot":
      enterTerm(state, message, message.from);
      return true;
    default:
      enterTerm(state, message, NO_NODE);
      return true;
  }
}

function enterTerm(state: CoreState, message: Message, leader: NodeId): void {
  traceTerm(state, message, "later-term");
  becomeFollower(state, message.term, leader);
}

function traceTerm(
  { options, term }: CoreState,
  message: Message,
  type: "later-term" | "earlier-term",
): void {
  const { from, term: messageTerm } = message;
  const seen = { message: message.type, from, term, messageTerm };
  options.trace?.(type === "later-term" ? { type, ...seen } : { type, ...seen });
}

function isProtectedByLease(state: CoreState, message: VoteMessage): boolean {
  const { checkQuorum, electionTicks } = state.options;
  if (message.transfer || !checkQuorum || state.leader === NO_NODE) return false;
  return state.electionElapsed < electionTicks;
}

function answerEarlierTerm(state: CoreState, message: Message): void {
  const { checkQuorum, preVote } = state.options;
  switch (message.type) {
    case "append":
    case "heartbeat":
      // Without this a leader that was cut off, and a member with a later term, would wait for each other forever.
      if (checkQuorum || preVote) nudgeStaleLeader(state, message.from);
      else traceTerm(state, message, "earlier-term");
      return;
    case "pre-vote":
      refuseEarlierPreVote(state, message);
      return;
    default:
      traceTerm(state, message, "earlier-term");
  }
}
