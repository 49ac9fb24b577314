import { NO_NODE } from "../ids.ts";
import type { ProposeMessage, ReadIndexMessage } from "../messages.ts";
import { send } from "../outbox.ts";
import type { CoreState } from "../state.ts";
import { dropProposal } from "./propose.ts";

/** Is there a leader to hand a request on to? The asker stays its sender; never back to where it came from. */
function canForward(
  { leader }: CoreState,
  { from }: Pick<ProposeMessage | ReadIndexMessage, "from">,
): boolean {
  return leader !== NO_NODE && leader !== from;
}

type Obstacle = "no-leader" | "not-forwarded";

/** Hands a proposal on to the leader. Undefined when it left; else why it was dropped. */
export function forwardProposal(state: CoreState, message: ProposeMessage): Obstacle | undefined {
  const obstacle = obstacleTo(state, message);
  if (obstacle === undefined) send(state, { ...message, to: state.leader });
  else dropProposal(state, obstacle);
  return obstacle;
}

function obstacleTo(state: CoreState, message: ProposeMessage): Obstacle | undefined {
  if (!canForward(state, message)) return "no-leader";
  return state.options.forwardProposals ? undefined : "not-forwarded";
}

/** Hands a request to read on to the leader. False when there is none. */
export function forwardRead(state: CoreState, message: ReadIndexMessage): boolean {
  if (canForward(state, message)) {
    send(state, { ...message, to: state.leader });
    return true;
  }
  state.options.trace?.({ type: "read-dropped", role: state.role, term: state.term });
  return false;
}
