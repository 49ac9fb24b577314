import { startElection } from "../election/campaign.ts";
import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import type { Message, ProposeMessage } from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import { dropProposal } from "../replication/propose.ts";
import { receiveAppend, receiveHeartbeat, receiveSnapshot } from "../replication/receive.ts";
import type { CoreState } from "../state.ts";

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
      if (canForward(state, message)) send(state, { ...message, to: state.leader });
      else state.options.trace?.({ type: "read-dropped", role: state.role, term: state.term });
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

/** The asker of a request stays its sender. Never back to where it came from. */
function canForward({ leader }: CoreState, message: Message): boolean {
  return leader !== NO_NODE && leader !== message.from;
}

function forwardProposal(state: CoreState, message: ProposeMessage): void {
  if (!canForward(state, message)) dropProposal(state, "no-leader");
  else if (!state.options.forwardProposals) dropProposal(state, "not-forwarded");
  else send(state, { ...message, to: state.leader });
}

function forwardTransfer(state: CoreState, to: NodeId): void {
  const { leader, term } = state;
  if (leader !== NO_NODE)
    send(state, { ...envelope(state, leader), from: to, type: "transfer-leader" });
  else state.options.trace?.({ type: "transfer-ignored", to, term, reason: "no-leader" });
}

/** The leader wants this node to campaign. */
export function traceTimeoutNow(
  { options, role, term }: CoreState,
  from: NodeId,
  outcome: "campaigns" | "ignored",
): void {
  options.trace?.({ type: "timeout-now", from, role, term, outcome });
}
