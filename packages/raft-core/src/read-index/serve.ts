import { NO_NODE } from "../ids.ts";
import type { LogIndex } from "../ids.ts";
import { envelope, send } from "../outbox.ts";
import { jointIndex } from "../quorum/joint.ts";
import { broadcastHeartbeat } from "../replication/send.ts";
import { isQuorumActive } from "../roles/quorum-active.ts";
import type { CoreState } from "../state.ts";
import type { ReadRequest } from "./read-queue.ts";

/** The leader takes a read request: from itself or from a peer. */
export function serveRead(state: CoreState, request: ReadRequest): void {
  if (admit(state, request)) broadcastHeartbeat(state);
}

/** Takes up what waited for the first commit of the term: one round for all of it. */
export function releasePostponedReads(state: CoreState): void {
  if (!hasCommittedInTerm(state)) return;
  let waits = false;
  for (const request of state.reads.takePostponed()) waits = admit(state, request) || waits;
  if (waits) broadcastHeartbeat(state);
}

/** Until then the leader may not know all that is committed (thesis, 6.4). */
function hasCommittedInTerm({ log, term }: CoreState): boolean {
  return log.termAt(log.committed) === term;
}

/** True when the read waits for peers to be heard. */
function admit(state: CoreState, request: ReadRequest): boolean {
  const { log, reads, options } = state;
  if (!hasCommittedInTerm(state)) {
    reads.postpone(request);
    return false;
  }
  if (options.readMode === "lease" && holdsLease(state)) {
    answer(state, request, log.committed);
    return false;
  }
  reads.wait({ ...request, index: log.committed });
  reads.acknowledge(state.id, reads.newest);
  // Where this node is all the quorum there is, nobody else will answer.
  answerConfirmedReads(state);
  return reads.round > 0;
}

/**
 * Has a quorum been heard in this period of the quorum check, so that it elects nobody for as long? Not during a transfer, in
 * whose election leases do not hold. Without a lease a read is confirmed by a round of heartbeats.
 */
function holdsLease(state: CoreState): boolean {
  return state.transferee === NO_NODE && isQuorumActive(state);
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
  else state.options.trace?.({ type: "read-refused", from, reason: "not-a-member" });
}
