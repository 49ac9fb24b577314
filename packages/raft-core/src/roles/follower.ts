import { startElection } from "../election/campaign.ts";
import type { NodeId } from "../ids.ts";
import type { Message } from "../messages.ts";
import { forwardProposal, forwardRead } from "../replication/forward.ts";
import { receiveAppend, receiveHeartbeat, receiveSnapshot } from "../replication/receive.ts";
import type { CoreState } from "../state.ts";
import { forwardTransfer } from "../transfer/transfer.ts";

/** Messages at the present term, or of no term, for a follower. */
export function stepFollower(state: CoreState, message: Message): void {
  switch (message.type) {
    case "append":
      heardFromLeader(state, message.from);
      receiveAppend(state, message);
      return;
    case "heartbeat":
      heardFromLeader(state, message.from);
      receiveHeartbeat(state, message);
      return;
    case "snapshot":
      heardFromLeader(state, message.from);
      receiveSnapshot(state, message);
      return;
    case "propose":
      forwardProposal(state, message);
      return;
    case "read-index":
      forwardRead(state, message);
      return;
    case "transfer-leader":
      forwardTransfer(state, message.from);
      return;
    case "timeout-now":
      traceTimeoutNow(state, message.from, "campaigns");
      startElection(state, "transfer");
      return;
    case "read-index-response":
      state.readStates.push({ index: message.index, context: message.context });
      return;
    default:
      return;
  }
}

function heardFromLeader(state: CoreState, leader: NodeId): void {
  state.electionElapsed = 0;
  state.leader = leader;
}

/** The leader wants this node to campaign. */
export function traceTimeoutNow(
  { options, role, term }: CoreState,
  from: NodeId,
  outcome: "campaigns" | "ignored",
): void {
  options.trace?.({ type: "timeout-now", from, role, term, outcome });
}
