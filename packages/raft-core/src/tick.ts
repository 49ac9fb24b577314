import { startElection } from "./election/campaign.ts";
import { NO_NODE } from "./ids.ts";
import { broadcastHeartbeat } from "./replication/send.ts";
import { isQuorumActive } from "./roles/quorum-active.ts";
import { becomeFollower } from "./roles/transitions.ts";
import { isPromotable } from "./state.ts";
import type { CoreState } from "./state.ts";
import { abortTransfer } from "./transfer/transfer.ts";

/** One unit of time has passed. */
export function tickState(state: CoreState): void {
  if (state.role === "leader") tickLeader(state);
  else tickElection(state);
}

function tickElection(state: CoreState): void {
  state.electionElapsed += 1;
  if (state.electionElapsed < state.electionTimeout || !isPromotable(state)) return;
  state.electionElapsed = 0;
  startElection(state, state.options.preVote ? "pre" : "plain");
}

function tickLeader(state: CoreState): void {
  state.heartbeatElapsed += 1;
  state.electionElapsed += 1;
  if (state.electionElapsed >= state.options.electionTicks) {
    state.electionElapsed = 0;
    if (state.options.checkQuorum && !hearsQuorum(state)) {
      state.options.trace?.({ type: "quorum-lost" });
      becomeFollower(state, state.term, NO_NODE);
      return;
    }
    abortTransfer(state);
  }
  if (state.heartbeatElapsed < state.options.heartbeatTicks) return;
  state.heartbeatElapsed = 0;
  broadcastHeartbeat(state);
}

/** Did a quorum answer since the last time this was asked? Begins a new period. */
function hearsQuorum(state: CoreState): boolean {
  const active = isQuorumActive(state);
  for (const [id, peer] of state.progress) if (id !== state.id) peer.recentlyActive = false;
  return active;
}
