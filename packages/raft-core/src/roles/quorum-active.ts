import { jointVote } from "../quorum/joint.ts";
import type { CoreState } from "../state.ts";

/** Was a quorum heard since the leader last asked? Learners do not count; the leader hears itself. */
export function isQuorumActive({ configuration, id, progress }: CoreState): boolean {
  const active = new Map([...progress].map(([at, peer]) => [at, at === id || peer.recentlyActive]));
  return jointVote(configuration, active) === "won";
}
