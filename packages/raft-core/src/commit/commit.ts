import type { LogIndex } from "../ids.ts";
import { jointIndex } from "../quorum/joint.ts";
import { releasePostponedReads } from "../read-index/serve.ts";
import { broadcastAppend } from "../replication/send.ts";
import type { CoreState } from "../state.ts";

/**
 * The leader commits what a quorum holds, provided that the entry is of its own term: older ones are committed only
 * along with it (Raft paper, 5.4.2). True when the commit index moved.
 */
export function maybeCommit(state: CoreState): boolean {
  const quorum = jointIndex(state.configuration, (id) => state.progress.get(id)?.match ?? 0);
  if (quorum <= state.log.committed || quorum === Infinity) return false;
  const index = quorum as LogIndex;
  if (state.log.termAt(index) !== state.term) return false;
  state.log.commitTo(index);
  state.options.trace?.({ type: "commit", index, term: state.term });
  return true;
}

/** Commits what can be, and tells everybody. True when the commit index moved. */
export function advanceCommit(state: CoreState): boolean {
  if (!maybeCommit(state)) return false;
  releasePostponedReads(state);
  broadcastAppend(state);
  return true;
}
