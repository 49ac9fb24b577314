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
  const needed = majorityOf(voters.size);
  /** The `needed` largest so far, falling: the last of them is the answer. */
  const largest: number[] = [];
  for (const id of voters) insertFalling(largest, acknowledged(id), needed);
  return largest[needed - 1] ?? 0;
}

/** Keeps `list` falling and no longer than `countMax`. Groups are small: this beats sorting. */
function insertFalling(list: number[], value: number, countMax: number): void {
  if (list.length < countMax) list.push(value);
  else if (value <= (list[countMax - 1] ?? 0)) return;
  let at = list.length - 1;
  for (; at > 0; at -= 1) {
    const before = list[at - 1] ?? 0;
    if (before >= value) break;
    list[at] = before;
  }
  list[at] = value;
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
