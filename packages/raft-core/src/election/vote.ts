import { NO_NODE } from "../ids.ts";
import type { VoteMessage } from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import type { CoreState } from "../state.ts";
import type { RaftTrace } from "../trace.ts";

/**
 * Answers a request at the present term, or a pre-vote for a later one. Learners vote too: one that was just promoted
 * may not know it yet, and its vote counts only where it is a voter.
 */
export function answerVote(state: CoreState, message: VoteMessage): void {
  const pre = message.type === "pre-vote";
  const free =
    state.vote === message.from ||
    (state.vote === NO_NODE && state.leader === NO_NODE) ||
    (pre && message.term > state.term);
  const granted = free && state.log.isUpToDate(message.index, message.logTerm);
  traceAnswer(state, message, granted);
  send(state, {
    ...envelope(state, message.from),
    // A grant names the term asked for: a pre-candidate counts only answers to its own question.
    term: granted ? message.term : state.term,
    type: pre ? "pre-vote-response" : "vote-response",
    reject: !granted,
  });
  if (granted && !pre) {
    state.electionElapsed = 0;
    state.vote = message.from;
  }
}

/** Refuses a pre-vote for a term that is over: the candidate learns of the present one. */
export function refuseEarlierPreVote(state: CoreState, message: VoteMessage): void {
  traceAnswer(state, message, false);
  send(state, { ...envelope(state, message.from), type: "pre-vote-response", reject: true });
}

/** A leader was heard of not long ago, so nobody else is voted for (thesis, 4.2.3). */
export function ignoreForLease(state: CoreState, message: VoteMessage): void {
  const remainingTicks = state.options.electionTicks - state.electionElapsed;
  state.options.trace?.({ ...described(state, message), type: "vote-ignored", remainingTicks });
}

function traceAnswer(state: CoreState, message: VoteMessage, granted: boolean): void {
  state.options.trace?.({ ...described(state, message), type: "vote-answered", granted });
}

/** Both sides of a vote. */
function described(
  state: CoreState,
  { from, type, index, logTerm }: VoteMessage,
): Omit<Extract<RaftTrace, { readonly type: "vote-answered" }>, "type" | "granted"> {
  const { term, vote, log } = state;
  const { lastIndex, lastTerm } = log;
  const pre = type === "pre-vote";
  return { candidate: from, pre, term, vote, lastIndex, lastTerm, index, logTerm };
}
