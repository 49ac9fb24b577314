import type { Message } from "@waggle/raft-core";

/**
 * Messages travel to a peer in two lanes, each a connection of `raft/1` of its own: what carries entries, however much that
 * is, and what elections, leases and reads depend on, which never waits behind it. Raft bears that the lanes are not in
 * step; what must stay in order, one append and the next, shares a lane.
 */
export type Lane = "bulk" | "prompt";

export const LANES: readonly Lane[] = ["bulk", "prompt"];

// An append without entries follows those with them: ahead of them it would be rejected.
export function laneOf({ type }: Message): Lane {
  return type === "append" || type === "propose" ? "bulk" : "prompt";
}
