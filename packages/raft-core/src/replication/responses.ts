import { advanceCommit } from "../commit/commit.ts";
import type { AppendResponse, HeartbeatResponse } from "../messages.ts";
import type { Progress } from "../progress/progress.ts";
import { decodeRound } from "../read-index/round-context.ts";
import { answerConfirmedReads } from "../read-index/serve.ts";
import type { CoreState } from "../state.ts";
import { peerStatus } from "../status.ts";
import { continueTransfer } from "../transfer/transfer.ts";
import { fillWindow, maybeSendAppend } from "./send.ts";

/** The leader learns how far a peer has come. */
export function handleAppendResponse(
  state: CoreState,
  peer: Progress,
  message: AppendResponse,
): void {
  peer.recentlyActive = true;
  if (message.reject) handleRefusal(state, peer, message);
  else handleAcknowledgement(state, peer, message);
}

function handleRefusal(state: CoreState, peer: Progress, message: AppendResponse): void {
  const { trace } = state.options;
  const { from, index, logTerm: hintTerm } = message;
  let hint = message.rejectHint;
  trace?.({ type: "append-refused", from, index, hint, hintTerm });
  // The peer named a term: skip our own entries of later terms, which it cannot have (thesis, 5.3 note).
  if (message.logTerm > 0) hint = state.log.findConflict(hint, message.logTerm).index;
  if (!peer.refuse(message.index, hint)) return;
  trace?.({ type: "peer-decreased", peer: peerStatus(state, from, peer) });
  if (peer.state === "replicate") peer.becomeProbe();
  maybeSendAppend(state, message.from, true);
}

function handleAcknowledgement(state: CoreState, peer: Progress, message: AppendResponse): void {
  const { from, index } = message;
  const reached = peer.acknowledge(index) || (peer.match === index && peer.state === "probe");
  if (!reached) return;
  leaveWaitingState(state, peer, message);
  if (!advanceCommit(state) && from !== state.id && peer.canBumpCommit(state.log.committed))
    maybeSendAppend(state, from, true);
  if (from !== state.id) fillWindow(state, from);
  continueTransfer(state, from);
}

function leaveWaitingState(
  state: CoreState,
  peer: Progress,
  { from, index }: AppendResponse,
): void {
  switch (peer.state) {
    case "probe":
      peer.becomeReplicate();
      return;
    case "snapshot":
      // Any snapshot that reaches our log will do, not only the one that was sent last.
      if (peer.match + 1 < state.log.firstIndex) return;
      state.options.trace?.({ type: "peer-recovered", peer: peerStatus(state, from, peer) });
      peer.becomeProbe();
      peer.becomeReplicate();
      return;
    case "replicate":
      peer.inflights.freeTo(index);
      return;
  }
}

/** A peer lives: a stalled one may be sent to again, and a read round is confirmed. */
export function handleHeartbeatResponse(
  state: CoreState,
  peer: Progress,
  message: HeartbeatResponse,
): void {
  peer.recentlyActive = true;
  peer.resume();
  if (peer.match < state.log.lastIndex || peer.state === "probe")
    maybeSendAppend(state, message.from, true);
  const round = decodeRound(message.context) ?? 0;
  if (round === 0) return;
  state.reads.acknowledge(message.from, round);
  answerConfirmedReads(state);
}
