import { RaftOptionsError } from "./errors.ts";
import { NO_NODE, logIndex, term } from "./ids.ts";
import type { NodeId } from "./ids.ts";
import { ascending } from "./membership/configuration.ts";
import { confStateFault } from "./membership/restore.ts";
import type { InitialState } from "./raft.ts";

/**
 * The state from which each of the first members of a new group starts: an empty state machine as a snapshot at index
 * 1, term 1. Put it into the store of every one of them. Members that are added later start empty instead.
 * @throws RaftOptionsError when `voters` is empty or names a node twice.
 */
export function bootstrapState(voters: readonly NodeId[]): InitialState {
  const confState = {
    voters: ascending(voters),
    learners: [],
    votersOutgoing: [],
    learnersNext: [],
    autoLeave: false,
  };
  const fault = voters.length === 0 ? "no voters" : confStateFault(confState);
  if (fault !== undefined) throw new RaftOptionsError("invalid-option", "voters", fault);
  return {
    hardState: { term: term(1), vote: NO_NODE, commit: logIndex(1) },
    snapshot: { index: logIndex(1), term: term(1), confState },
    entries: [],
  };
}
