import { startElection } from "../election/campaign.ts";
import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import type { Message } from "../messages.ts";
import { envelope, ignore, send } from "../outbox.ts";
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
    case "read-index":
    case "transfer-leader":
      forward(state, message);
      return;
    case "timeout-now":
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

/** Hands a request on to the leader; the asker stays the sender. Never back to where it came from. */
function forward(state: CoreState, message: Message): void {
  if (
    state.leader === NO_NODE ||
    (state.leader === message.from && message.type !== "transfer-leader")
  )
    ignore(state, message.type, "no leader to forward it to");
  else if (message.type === "transfer-leader")
    send(state, { ...envelope(state, state.leader), from: message.from, type: message.type });
  else send(state, { ...message, to: state.leader });
}
