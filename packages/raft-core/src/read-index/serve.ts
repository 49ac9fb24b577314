import type { LogIndex } from "../ids.ts";
import { isJoint } from "../membership/configuration.ts";
import { ignore, send, envelope } from "../outbox.ts";
import { jointIndex } from "../quorum/joint.ts";
import { broadcastHeartbeat } from "../replication/send.ts";
import type { CoreState } from "../state.ts";
import type { ReadRequest } from "./read-queue.ts";

/** The leader takes a read request: from itself or from a peer. */
export function serveRead(state: CoreState, request: ReadRequest): void {
  const { configuration, log, reads } = state;
  const ownTerm = log.termAt(log.committed) === state.term;
  if (!ownTerm) {
    // Until then the leader may not know all that is committed (thesis, 6.4).
    reads.postpone(request);
    return;
  }
  if (state.options.readMode === "lease") {
    answer(state, request, log.committed);
    return;
  }
  const alone = configuration.incoming.size === 1 && !isJoint(configuration);
  if (alone && configuration.incoming.has(state.id)) {
    answer(state, request, log.committed);
    return;
  }
  reads.wait({ ...request, index: log.committed });
  reads.acknowledge(state.id, reads.newest);
  broadcastHeartbeat(state);
}

/** Takes up what waited for the first commit of the term. */
export function releasePostponedReads(state: CoreState): void {
  if (state.log.termAt(state.log.committed) !== state.term) return;
  for (const request of state.reads.takePostponed()) serveRead(state, request);
}

/** Answers the reads that a quorum has confirmed by now. */
export function answerConfirmedReads(state: CoreState): void {
  const round = jointIndex(state.configuration, (id) => state.reads.acknowledgedBy(id));
  for (const read of state.reads.takeConfirmed(round)) answer(state, read, read.index);
}

function answer(state: CoreState, { from, context }: ReadRequest, index: LogIndex): void {
  if (from === state.id) state.readStates.push({ index, context });
  else if (state.progress.has(from))
    send(state, { ...envelope(state, from), type: "read-index-response", index, context });
  else ignore(state, "read-index-response", `${from} is no member`);
}
