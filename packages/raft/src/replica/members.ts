import type { ConfState, NodeId } from "@waggle/raft-core";

/** Everyone who gets the log: voters of both halves, learners, and learners to be. */
export function membersOf(confState: ConfState): ReadonlySet<NodeId> {
  return new Set([
    ...confState.voters,
    ...confState.votersOutgoing,
    ...confState.learners,
    ...confState.learnersNext,
  ]);
}

/** How many of so many voters make a quorum. */
export function quorumOf(voterCount: number): number {
  return Math.floor(voterCount / 2) + 1;
}
