import type { UnsupportedTransfer } from "../errors.ts";
import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { isVoter } from "../membership/configuration.ts";
import { envelope, send } from "../outbox.ts";
import type { Progress } from "../progress/progress.ts";
import { maybeSendAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";

/** Asks the leader to hand over to `to`. False when nobody leads. */
export function forwardTransfer(state: CoreState, to: NodeId): boolean {
  const { leader, role, term } = state;
  if (leader !== NO_NODE) {
    send(state, { ...envelope(state, leader), from: to, type: "transfer-leader" });
    return true;
  }
  if (role === "follower")
    state.options.trace?.({ type: "transfer-ignored", to, term, reason: "no-leader" });
  return false;
}

/**
 * The leader begins to hand over to `to` (thesis, 3.10). Ends after one election timeout at the latest. Asking again for
 * the same node changes nothing. Undefined when it goes on; else why it does not.
 */
export function startTransfer(state: CoreState, to: NodeId): UnsupportedTransfer | undefined {
  const reason = transferObstacle(state, to);
  const peer = state.progress.get(to);
  if (reason !== undefined || peer === undefined) {
    ignoreTransfer(state, to, reason ?? "not-a-member");
    return reason ?? "not-a-member";
  }
  if (state.transferee === to) {
    ignoreTransfer(state, to, "in-progress");
    return undefined;
  }
  abortTransfer(state, "superseded");
  state.electionElapsed = 0;
  state.transferee = to;
  state.options.trace?.({ type: "transfer", to, term: state.term, outcome: "started" });
  if (peer.match === state.log.lastIndex) sendTimeoutNow(state, to, "at-once");
  else maybeSendAppend(state, to, true);
  return undefined;
}

function transferObstacle(state: CoreState, to: NodeId): UnsupportedTransfer | undefined {
  if (!state.progress.has(to)) return "not-a-member";
  if (!isVoter(state.configuration, to)) return "learner";
  return to === state.id ? "already-leader" : undefined;
}

/**
 * The voter that can take over soonest: one that was heard of lately and is sent to without a stop, and of those the one that
 * has most of the log, then the lowest id. Undefined when this node is the only voter that stays.
 */
export function bestTransferee({ configuration, progress, id }: CoreState): NodeId | undefined {
  let best: { readonly node: NodeId; readonly peer: Progress } | undefined;
  // Ascending, so that the first of equals is the lowest.
  for (const [node, peer] of progress) {
    if (node === id || !configuration.incoming.has(node)) continue;
    if (best === undefined || isBetter(peer, best.peer)) best = { node, peer };
  }
  return best?.node;
}

function isBetter(one: Progress, other: Progress): boolean {
  if (one.recentlyActive !== other.recentlyActive) return one.recentlyActive;
  const flows = one.state === "replicate";
  return flows === (other.state === "replicate") ? one.match > other.match : flows;
}

/** The transferee acknowledged something: when it has all, it may campaign. */
export function continueTransfer(state: CoreState, from: NodeId): void {
  if (from !== state.transferee) return;
  if (state.progress.get(from)?.match === state.log.lastIndex)
    sendTimeoutNow(state, from, "caught-up");
}

/** Stops waiting for the transferee. */
export function abortTransfer(
  state: CoreState,
  outcome: "aborted" | "superseded" = "aborted",
): void {
  const { term, transferee } = state;
  if (transferee === NO_NODE) return;
  state.options.trace?.({ type: "transfer", to: transferee, term, outcome });
  state.transferee = NO_NODE;
}

function ignoreTransfer(
  { options, term }: CoreState,
  to: NodeId,
  reason: UnsupportedTransfer | "in-progress",
): void {
  options.trace?.({ type: "transfer-ignored", to, term, reason });
}

function sendTimeoutNow(state: CoreState, to: NodeId, when: "at-once" | "caught-up"): void {
  send(state, { ...envelope(state, to), type: "timeout-now" });
  state.options.trace?.({ type: "timeout-now-sent", to, when });
}
