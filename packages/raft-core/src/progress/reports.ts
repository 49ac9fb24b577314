import type { NodeId } from "../ids.ts";
import type { CoreState } from "../state.ts";
import { peerStatus } from "../status.ts";

/** The driver could not deliver something to a peer. */
export function reportUnreachable(state: CoreState, id: NodeId): void {
  const peer = state.progress.get(id);
  if (state.role !== "leader" || id === state.id) return;
  if (peer === undefined) {
    state.options.trace?.({ type: "unknown-peer", from: id });
    return;
  }
  // Appends sent ahead were probably lost: find out where the peer stands.
  if (peer.state === "replicate") peer.becomeProbe();
  state.options.trace?.({ type: "peer-unreachable", peer: peerStatus(state, id, peer) });
}

/** What became of a snapshot that the driver was to deliver. */
export function reportSnapshot(state: CoreState, id: NodeId, outcome: "finished" | "failed"): void {
  const peer = state.progress.get(id);
  if (state.role !== "leader") return;
  if (peer === undefined) state.options.trace?.({ type: "unknown-peer", from: id });
  if (peer?.state !== "snapshot") return;
  if (outcome === "failed") peer.snapshotFailed();
  peer.becomeProbe();
  state.options.trace?.({ type: "snapshot-reported", peer: peerStatus(state, id, peer), outcome });
  // Wait for the acknowledgement, or for the next heartbeat to be answered.
  peer.pause();
}
