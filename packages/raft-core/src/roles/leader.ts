import type { Message, ReadIndexMessage } from "../messages.ts";
import { serveRead } from "../read-index/serve.ts";
import { proposeLocal } from "../replication/propose.ts";
import { handleAppendResponse, handleHeartbeatResponse } from "../replication/responses.ts";
import type { CoreState } from "../state.ts";
import { abortTransfer, startTransfer } from "../transfer/transfer.ts";

/** Messages at the present term, or of no term, for the leader. */
export function stepLeader(state: CoreState, message: Message): void {
  if (message.type === "propose") {
    proposeLocal(state, message.entries);
    return;
  }
  const peer = state.progress.get(message.from);
  if (peer === undefined) {
    state.options.trace?.({ type: "unknown-peer", from: message.from });
    return;
  }
  switch (message.type) {
    case "append-response":
      handleAppendResponse(state, peer, message);
      return;
    case "heartbeat-response":
      handleHeartbeatResponse(state, peer, message);
      return;
    case "read-index":
      takeRead(state, message);
      return;
    case "transfer-leader":
      // As in the reference, a member may so take back the transfer that runs.
      if (message.from === state.id) abortTransfer(state, "superseded");
      startTransfer(state, message.from);
      return;
    default:
      return;
  }
}

function takeRead(state: CoreState, { from, context }: ReadIndexMessage): void {
  if (state.reads.full) state.options.trace?.({ type: "read-refused", from, reason: "read-limit" });
  else serveRead(state, { from, context });
}
