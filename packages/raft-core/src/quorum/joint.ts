import type { NodeId } from "../ids.ts";
import { majorityIndex, majorityVote } from "./majority.ts";
import type { VoteOutcome } from "./majority.ts";

/** Both halves of a joint configuration; `outgoing` is empty outside of one. */
export interface JointVoters {
  readonly incoming: ReadonlySet<NodeId>;
  readonly outgoing: ReadonlySet<NodeId>;
}

/** The largest index that a majority of each half has acknowledged. */
export function jointIndex(voters: JointVoters, acknowledged: (id: NodeId) => number): number {
  return Math.min(
    majorityIndex(voters.incoming, acknowledged),
    majorityIndex(voters.outgoing, acknowledged),
  );
}

/** Won when both halves won, lost when one lost. */
export function jointVote(voters: JointVoters, votes: ReadonlyMap<NodeId, boolean>): VoteOutcome {
  const incoming = majorityVote(voters.incoming, votes);
  const outgoing = majorityVote(voters.outgoing, votes);
  if (incoming === outgoing) return incoming;
  return incoming === "lost" || outgoing === "lost" ? "lost" : "pending";
}
