import type { NodeId } from "@waggle/raft-core";
import type { Replica } from "./replica.ts";
import { atMost } from "../clock.ts";
import { RaftNodeError } from "../errors.ts";
import { refusalOf } from "./refusals.ts";

/** The voter that is alive and has most of the log; undefined when there is none but this node. */
export function bestSuccessor(replica: Replica): NodeId | undefined {
  const { peers, confState, id } = replica.core.status();
  const candidates = peers.filter(
    (peer) => peer.id !== id && confState.voters.includes(peer.id) && replica.isAlive(peer.id),
  );
  return candidates.sort((left, right) => right.match - left.match)[0]?.id;
}

/**
 * Asks for a transfer and waits, at most `timeoutMs`, until the other member leads. On the leader, what is proposed already
 * comes to its end first, in half of that time, so that nobody is left with an unknown outcome.
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
  const target = to ?? bestSuccessor(replica);
  if (target === undefined || !replica.confState.voters.includes(target)) {
    throw new RaftNodeError("unsupported-change", "there is no such voter to hand leadership to");
  }
  if (replica.leader === target) return target;
  try {
    replica.core.transferLeadership(target);
  } catch (error) {
    throw refusalOf(error);
  }
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
