import type { NodeId } from "@waggle/raft-core";
import type { Replica } from "./replica.ts";
import { atMost } from "../clock.ts";
import { RaftNodeError } from "../errors.ts";
import { refusalOf } from "./refusals.ts";

/** Whether another voter is alive, to which leadership could go. */
export function hasSuccessor(replica: Replica): boolean {
  const { id } = replica.core;
  return replica.confState.voters.some((voter) => voter !== id && replica.isAlive(voter));
}

/**
 * Asks for a transfer and waits, at most `timeoutMs`, until the other member leads: the core's choice without `to`. On the
 * leader, what is proposed already comes to its end first, in half of that time, so that nobody is left with an unknown
 * outcome.
 */
export async function transferLeadership(
  replica: Replica,
  to: NodeId | undefined,
  timeoutMs: number,
): Promise<NodeId> {
  const { clock } = replica.options;
  const deadlineMs = clock.now() + timeoutMs;
  const idle = replica.proposals.hold();
  try {
    if (replica.leader === replica.core.id) await atMost(clock, timeoutMs / 2, idle);
    return await transfer(replica, to, deadlineMs - clock.now());
  } finally {
    replica.proposals.release();
  }
}

async function transfer(
  replica: Replica,
  to: NodeId | undefined,
  timeoutMs: number,
): Promise<NodeId> {
  if (replica.leader === undefined) throw new RaftNodeError("not-leader", "nobody leads");
  if (to === undefined ? !hasSuccessor(replica) : !replica.confState.voters.includes(to)) {
    throw new RaftNodeError("unsupported-change", "there is no such voter to hand leadership to");
  }
  if (replica.leader === to) return to;
  try {
    replica.core.transferLeadership(to);
  } catch (error) {
    throw refusalOf(error);
  }
  const target = to ?? replica.core.status().transferee;
  replica.schedule();
  const { promise, resolve, reject } = Promise.withResolvers<NodeId>();
  const unsubscribe = replica.events.subscribe((event) => {
    if (event.type === "role" && event.leader === target) resolve(target);
    else if (event.type === "failed") reject(new RaftNodeError("stopped", "the node failed"));
  });
  const cancel = replica.options.clock.setTimer(timeoutMs, () => {
    reject(new RaftNodeError("timeout", `node ${target} did not take over in ${timeoutMs} ms`));
  });
  try {
    return await promise;
  } finally {
    unsubscribe();
    cancel();
  }
}
