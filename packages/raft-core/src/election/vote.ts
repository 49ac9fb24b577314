import { NO_NODE } from "../ids.ts";
import type { VoteMessage } from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import type { CoreState } from "../state.ts";

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
  const { from: candidate, term } = message;
  state.options.trace({ type: "vote-answered", candidate, term, granted, pre });
}
