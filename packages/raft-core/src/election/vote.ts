import { NO_NODE } from "../ids.ts";
import type { VoteMessage } from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import type { CoreState } from "../state.ts";
import type { RaftTrace, VoteRefusal } from "../trace.ts";
import { obstacleToCampaign } from "./campaign.ts";

/**
 * Answers a request at the present term, or a pre-vote for a later one. Learners vote too: one that was just promoted
 * may not know it yet, and its vote counts only where it is a voter.
 */
export function answerVote(state: CoreState, message: VoteMessage): void {
  const pre = message.type === "pre-vote";
  const refusal = whyRefused(state, message);
  const reject = refusal !== undefined;
  traceAnswer(state, message, refusal);
  send(state, {
    ...envelope(state, message.from),
    // A grant names the term asked for: a pre-candidate counts only answers to its own question.
    term: reject ? state.term : message.term,
    type: pre ? "pre-vote-response" : "vote-response",
    reject,
  });
  if (!reject && !pre) {
    state.electionElapsed = 0;
    state.vote = message.from;
  }
}

function whyRefused(state: CoreState, message: VoteMessage): VoteRefusal | undefined {
  const { vote, leader, term, log } = state;
  const repeated = vote === message.from;
  const laterPreVote = message.type === "pre-vote" && message.term > term;
  if (!repeated && !laterPreVote) {
    if (vote !== NO_NODE) return "already-voted";
    if (leader !== NO_NODE) return "leader-known";
  }
  if (!log.isUpToDate(message.index, message.logTerm)) return "log-behind";
  return isOutranked(state, message) ? "priority" : undefined;
}

/**
 * Should this node rather lead than the candidate, whose log is up to date? Only where both logs are equal, and only if
 * this node could campaign itself: of a quorum that is alive, whoever has the longest log and among those the highest
 * priority is refused by nobody on this ground, so that a leader is always found. A refusal of a vote is always safe.
 */
function isOutranked(state: CoreState, message: VoteMessage): boolean {
  if (message.transfer || message.priority >= state.priority) return false;
  const { lastIndex, lastTerm } = state.log;
  if (message.index > lastIndex || message.logTerm > lastTerm) return false;
  return obstacleToCampaign(state) === undefined;
}

/** Refuses a pre-vote for a term that is over: the candidate learns of the present one. */
export function refuseEarlierPreVote(state: CoreState, message: VoteMessage): void {
  traceAnswer(state, message, "earlier-term");
  send(state, { ...envelope(state, message.from), type: "pre-vote-response", reject: true });
}

/** A leader was heard of not long ago, so nobody else is voted for (thesis, 4.2.3). */
export function ignoreForLease(state: CoreState, message: VoteMessage): void {
  const { trace, electionTicks } = state.options;
  const remainingTicks = electionTicks - state.electionElapsed;
  trace?.({ ...described(state, message), type: "vote-ignored", remainingTicks });
}

function traceAnswer(
  state: CoreState,
  message: VoteMessage,
  refusal: VoteRefusal | undefined,
): void {
  const { trace } = state.options;
  const granted = refusal === undefined;
  trace?.({ ...described(state, message), type: "vote-answered", granted, refusal });
}

/** Both sides of a vote. */
function described(
  state: CoreState,
  { from, type, index, logTerm }: VoteMessage,
): Omit<Extract<RaftTrace, { readonly type: "vote-answered" }>, "type" | "granted" | "refusal"> {
  const { term, vote, log } = state;
  const { lastIndex, lastTerm } = log;
  const pre = type === "pre-vote";
  return { candidate: from, pre, term, vote, lastIndex, lastTerm, index, logTerm };
}
