import type { NodeId } from "./ids.ts";
import type { Progress } from "./progress/progress.ts";
import type { PeerStatus, RaftStatus } from "./raft.ts";
import type { CoreState } from "./state.ts";

/** A copy of the state; what it shares is immutable. */
export function statusOf(state: CoreState): RaftStatus {
  return {
    id: state.id,
    role: state.role,
    leader: state.leader,
    term: state.term,
    vote: state.vote,
    transferee: state.transferee,
    priority: state.priority,
    commit: state.log.committed,
    applied: state.log.applied,
    lastIndex: state.log.lastIndex,
    firstIndex: state.log.firstIndex,
    confState: state.confState,
    peers: state.role === "leader" ? peersOf(state) : [],
  };
}

function peersOf(state: CoreState): PeerStatus[] {
  return [...state.progress].map(([id, peer]) => peerStatus(state, id, peer));
}

/** A copy of what is known of one peer. */
export function peerStatus(state: CoreState, id: NodeId, peer: Progress): PeerStatus {
  return {
    id,
    match: peer.match,
    next: peer.next,
    state: peer.state,
    recentlyActive: peer.recentlyActive,
    learner: state.configuration.learners.has(id),
    paused: peer.paused,
    pendingSnapshot: peer.pendingSnapshot,
    inflightAppends: peer.inflights.count,
    inflightFull: peer.inflights.full,
  };
}
