import type { ConfState } from "../entry.ts";
import { MEMBERS_MAX } from "../limits.ts";
import { isMemberId } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { configurationFault } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";

function idsFault(ids: readonly NodeId[]): string | undefined {
  if (ids.length > MEMBERS_MAX) return `${ids.length} members, at most ${MEMBERS_MAX}`;
  const seen = new Set<NodeId>();
  for (const id of ids) {
    if (!isMemberId(id)) return `not a node id: ${id}`;
    if (seen.has(id)) return `${id} twice in one list`;
    seen.add(id);
  }
  return undefined;
}

/** What is wrong with a ConfState; undefined when it can be restored. */
export function confStateFault(state: ConfState): string | undefined {
  const lists = [state.voters, state.learners, state.votersOutgoing, state.learnersNext];
  for (const list of lists) {
    const fault = idsFault(list);
    if (fault !== undefined) return fault;
  }
  return configurationFault(configurationOf(state));
}

/** The inverse of `confStateOf`; call {@link confStateFault} first on what comes from outside. */
export function configurationOf(state: ConfState): Configuration {
  return {
    incoming: new Set(state.voters),
    outgoing: new Set(state.votersOutgoing),
    learners: new Set(state.learners),
    learnersNext: new Set(state.learnersNext),
    autoLeave: state.autoLeave,
  };
}
