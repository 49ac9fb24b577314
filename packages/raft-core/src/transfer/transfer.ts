import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { isVoter } from "../membership/configuration.ts";
import { envelope, send } from "../outbox.ts";
import { maybeSendAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";

/** The leader begins to hand over to `to` (thesis, 3.10). Ends after one election timeout at the latest. */
export function startTransfer(state: CoreState, to: NodeId): void {
  const peer = state.progress.get(to);
  if (peer === undefined) {
    state.options.trace?.({ type: "unknown-peer", from: to });
    return;
  }
  if (!isVoter(state.configuration, to)) {
    ignoreTransfer(state, to, "no-voter");
    return;
  }
  if (state.transferee === to) {
    ignoreTransfer(state, to, "in-progress");
    return;
  }
  abortTransfer(state, "superseded");
  if (to === state.id) {
    ignoreTransfer(state, to, "already-leader");
    return;
  }
  state.electionElapsed = 0;
  state.transferee = to;
  state.options.trace?.({ type: "transfer", to, term: state.term, outcome: "started" });
  if (peer.match === state.log.lastIndex) sendTimeoutNow(state, to, "at-once");
  else maybeSendAppend(state, to, true);
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
  reason: "no-voter" | "in-progress" | "already-leader",
): void {
  options.trace?.({ type: "transfer-ignored", to, term, reason });
}

function sendTimeoutNow(state: CoreState, to: NodeId, when: "at-once" | "caught-up"): void {
  send(state, { ...envelope(state, to), type: "timeout-now" });
  state.options.trace?.({ type: "timeout-now-sent", to, when });
}
