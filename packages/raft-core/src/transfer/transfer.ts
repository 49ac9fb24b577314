import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { isVoter } from "../membership/configuration.ts";
import { envelope, ignore, send } from "../outbox.ts";
import { maybeSendAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";

/** The leader begins to hand over to `to` (thesis, 3.10). Ends after one election timeout at the latest. */
export function startTransfer(state: CoreState, to: NodeId): void {
  const peer = state.progress.get(to);
  if (peer === undefined || !isVoter(state.configuration, to)) {
    ignore(state, "transfer-leader", `${to} is no voter`);
    return;
  }
  if (state.transferee === to) {
    ignore(state, "transfer-leader", "already under way");
    return;
  }
  abortTransfer(state);
  if (to === state.id) return;
  state.electionElapsed = 0;
  state.transferee = to;
  state.options.trace({ type: "transfer", to, outcome: "started" });
  if (peer.match === state.log.lastIndex) sendTimeoutNow(state, to);
  else maybeSendAppend(state, to, true);
}

/** The transferee acknowledged something: when it has all, it may campaign. */
export function continueTransfer(state: CoreState, from: NodeId): void {
  if (from !== state.transferee) return;
  if (state.progress.get(from)?.match === state.log.lastIndex) sendTimeoutNow(state, from);
}

export function abortTransfer(state: CoreState): void {
  if (state.transferee === NO_NODE) return;
  state.options.trace({ type: "transfer", to: state.transferee, outcome: "aborted" });
  state.transferee = NO_NODE;
}

function sendTimeoutNow(state: CoreState, to: NodeId): void {
  send(state, { ...envelope(state, to), type: "timeout-now" });
}
