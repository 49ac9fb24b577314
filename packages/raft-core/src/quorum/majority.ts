import type { NodeId } from "../ids.ts";

/** Result of an election, or of any other question put to a quorum. */
export type VoteOutcome = "won" | "lost" | "pending";

/** How many of `count` voters make a majority. */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The largest index that a majority of `voters` has acknowledged. Infinity for no voters, so that an empty half of a
 * joint configuration never holds the other one back.
 */
export function majorityIndex(
  voters: ReadonlySet<NodeId>,
  acknowledged: (id: NodeId) => number,
): number {
  if (voters.size === 0) return Infinity;
  const indexes = [...voters].map(acknowledged).sort((a, b) => a - b);
  return indexes[indexes.length - majorityOf(indexes.length)] ?? 0;
}

/** Outcome of the votes so far; no voters have always won. */
export function majorityVote(
  voters: ReadonlySet<NodeId>,
  votes: ReadonlyMap<NodeId, boolean>,
): VoteOutcome {
  if (voters.size === 0) return "won";
  let granted = 0;
  let missing = 0;
  for (const id of voters) {
    const vote = votes.get(id);
    if (vote === undefined) missing += 1;
    else if (vote) granted += 1;
  }
  const needed = majorityOf(voters.size);
  if (granted >= needed) return "won";
  return granted + missing < needed ? "lost" : "pending";
}
