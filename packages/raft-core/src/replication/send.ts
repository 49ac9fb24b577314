import type { LogIndex, NodeId } from "../ids.ts";
import { assert } from "../internal/assert.ts";
import { EMPTY_PAGE } from "../log/raft-log.ts";
import type { AppendMessage } from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import type { Progress } from "../progress/progress.ts";
import { encodeRound } from "../read-index/round-context.ts";
import type { CoreState } from "../state.ts";
import { peerStatus } from "../status.ts";
import { joinWaiting, queueAppend } from "./batch.ts";

/**
 * Sends `to` what it needs next, if it may have something now. An empty append still tells the commit index; it goes out
 * only when `emptyToo`. True when something left.
 */
export function maybeSendAppend(state: CoreState, to: NodeId, emptyToo: boolean): boolean {
  const peer = state.progress.get(to);
  if (peer === undefined || to === state.id || peer.paused) return false;
  const previous = (peer.next - 1) as LogIndex;
  const logTerm = state.log.termAt(previous);
  const windowFull = peer.state === "replicate" && peer.inflights.full;
  const page = windowFull
    ? EMPTY_PAGE
    : state.log.entriesFrom(peer.next, state.options.maxBytesPerAppend);
  if (logTerm === undefined || page === undefined) return sendSnapshot(state, to, peer);
  const { entries, bytes } = page;
  if (entries.length === 0 && !emptyToo) return false;
  const waiting = state.outbox.waitingAppends.get(to);
  if (waiting !== undefined && joinWaiting(state, peer, waiting, page)) return true;
  const commit = state.log.committed;
  const append: AppendMessage = {
    ...envelope(state, to),
    type: "append",
    index: previous,
    logTerm,
    entries,
    commit,
  };
  queueAppend(state, append, bytes);
  peer.sent(entries.length, bytes);
  peer.sentCommit(commit);
  return true;
}

function sendSnapshot(state: CoreState, to: NodeId, peer: Progress): boolean {
  // A peer that is silent would only hold up the transfer; it is tried again once it answers.
  const { trace } = state.options;
  if (!peer.recentlyActive) {
    trace?.({ type: "snapshot-deferred", to });
    return false;
  }
  const metadata = state.log.snapshot;
  assert(
    metadata !== undefined && metadata.index >= state.log.firstIndex - 1,
    "the log was compacted beyond its snapshot",
  );
  const { firstIndex, committed: commit } = state.log;
  const { index, term } = metadata;
  trace?.({
    type: "snapshot-sent",
    peer: peerStatus(state, to, peer),
    firstIndex,
    commit,
    index,
    term,
  });
  peer.becomeSnapshot(index);
  trace?.({ type: "peer-paused", peer: peerStatus(state, to, peer) });
  send(state, {
    ...envelope(state, to),
    type: "snapshot",
    snapshot: { metadata, data: new Uint8Array(0) },
  });
  return true;
}

/** An append to every peer, empty ones too, so that all learn of the commit. */
export function broadcastAppend(state: CoreState): void {
  for (const id of state.progress.keys()) maybeSendAppend(state, id, true);
}

/** Tells every peer who leads; carries the present read round. */
export function broadcastHeartbeat(state: CoreState): void {
  const context = encodeRound(state.reads.round);
  for (const [id, peer] of state.progress) {
    if (id === state.id) continue;
    // Never an index that the peer may not have.
    const commit = Math.min(peer.match, state.log.committed) as LogIndex;
    send(state, { ...envelope(state, id), type: "heartbeat", commit, context });
    peer.sentCommit(commit);
  }
}

/** Stops waiting for a peer that just answered: sends everything that fits its window. */
export function fillWindow(state: CoreState, to: NodeId): void {
  while (maybeSendAppend(state, to, false));
}
