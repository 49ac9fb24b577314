import type { NodeId, Term } from "./ids.ts";
import { assert } from "./internal/assert.ts";
import type { Message } from "./messages.ts";
import type { CoreState } from "./state.ts";

/** Sender, receiver and term of a message at the present term. */
export function envelope(
  state: CoreState,
  to: NodeId,
): { readonly from: NodeId; readonly to: NodeId; readonly term: Term } {
  return { from: state.id, to, term: state.term };
}

/** What promises something about the disk. A candidate's request does so too: it states term, vote and log. */
function waitsForDisk(message: Message): boolean {
  switch (message.type) {
    case "append-response":
    case "vote":
    case "vote-response":
    case "pre-vote-response":
      return true;
    default:
      return false;
  }
}

/** Queues a message for the next Ready. */
export function send(state: CoreState, message: Message): void {
  const { outbox, options } = state;
  if (waitsForDisk(message)) outbox.afterPersist.push(message);
  else {
    assert(message.to !== state.id, `a ${message.type} to oneself`);
    outbox.messages.push(message);
  }
  options.trace?.({ type: "sent", message });
}
