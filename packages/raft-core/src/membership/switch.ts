import { advanceCommit } from "../commit/commit.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex } from "../ids.ts";
import { answerConfirmedReads } from "../read-index/serve.ts";
import { becomeFollower, freshProgress } from "../roles/transitions.ts";
import { maybeSendAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";
import { abortTransfer } from "../transfer/transfer.ts";
import { confStateOf, isVoter, membersOf } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";

/** Puts a configuration into force: after a change, a restored snapshot, or at start. */
export function switchConfiguration(state: CoreState, configuration: Configuration): void {
  installConfiguration(state, configuration);
  state.options.trace?.({ type: "members", confState: state.confState });
  if (state.role !== "leader") return;
  if (!isVoter(configuration, state.id)) {
    if (state.options.stepDownOnRemoval) becomeFollower(state, state.term, NO_NODE);
    return;
  }
  // A smaller quorum may have what it needs already; new peers are probed at once.
  if (!advanceCommit(state))
    for (const id of state.progress.keys()) maybeSendAppend(state, id, false);
  answerConfirmedReads(state);
  if (state.transferee !== NO_NODE && !isVoter(configuration, state.transferee))
    abortTransfer(state);
}

/** Keeps what is known of the members that stay. */
export function installConfiguration(state: CoreState, configuration: Configuration): void {
  const last = state.log.lastIndex;
  const progress: CoreState["progress"] = new Map();
  for (const id of membersOf(configuration)) {
    const known = state.progress.get(id);
    // One grace period: a new peer counts as active, or check-quorum would depose the leader at once. Nothing is known to
    // match, not even of a leader that was removed and comes back: the end of its own log may not be durable yet.
    const fresh = {
      match: 0 as LogIndex,
      next: Math.max(last, 1) as LogIndex,
      recentlyActive: true,
    };
    progress.set(id, known ?? freshProgress(state, id, fresh));
  }
  state.configuration = configuration;
  state.confState = confStateOf(configuration);
  state.progress = progress;
  for (const id of state.inflightLimits.keys())
    if (!progress.has(id)) state.inflightLimits.delete(id);
}
