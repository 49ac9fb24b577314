import type { CallOptions } from "../node.ts";
import type { ConfChangeSingle, ConfState, NodeId } from "@waggle/raft-core";
import type { Replica } from "./replica.ts";
import { isRaftError } from "@waggle/raft-core";
import { RaftNodeError } from "../errors.ts";
import { CHANGE_TIMEOUT_MS } from "../limits.ts";
import { checkCall } from "./call.ts";
import { notCaughtUp, untilCaughtUp } from "./catch-up.ts";
import { membersOf, quorumOf } from "./members.ts";

/** Who is to become a member, and what the change tells of it. */
export interface NewMember {
  readonly id: NodeId;
  readonly context: Uint8Array;
}

/** Adds a learner, unless the node is a member of either kind. */
export async function addLearner(
  replica: Replica,
  { id, context }: NewMember,
  options: CallOptions,
): Promise<ConfState> {
  return changeMembers(replica, options, (confState) =>
    membersOf(confState).has(id) ? undefined : { type: "add-learner", node: id, context },
  );
}

/** Makes a learner a voter as soon as it is caught up. */
export async function promoteMember(
  replica: Replica,
  { id, context }: NewMember,
  options: CallOptions,
): Promise<ConfState> {
  if (replica.confState.voters.includes(id)) return replica.confState;
  await untilCaughtUp(replica, id, options);
  return changeMembers(replica, options, ({ voters, learners }) => {
    if (voters.includes(id)) return undefined;
    if (!learners.includes(id)) {
      throw new RaftNodeError("unsupported-change", `node ${id} is no learner any more`);
    }
    // Another change may have taken its time.
    if (!replica.isAlive(id)) throw notCaughtUp(replica, id, "silent");
    return { type: "add-voter", node: id, context };
  });
}

/** Removes a member, unless that would leave a group that cannot decide. */
export async function removeMember(
  replica: Replica,
  id: NodeId,
  options: CallOptions,
): Promise<ConfState> {
  return changeMembers(replica, options, (confState) => {
    const isVoter = confState.voters.includes(id);
    if (!isVoter && !confState.learners.includes(id)) return undefined;
    if (isVoter) checkQuorum(replica, confState, id);
    return { type: "remove", node: id, context: new Uint8Array(0) };
  });
}

function checkQuorum(replica: Replica, confState: ConfState, id: NodeId): void {
  const remaining = confState.voters.filter((voter) => voter !== id);
  if (remaining.length === 0) {
    throw new RaftNodeError("quorum-at-risk", "the last voter cannot be removed");
  }
  const alive = remaining.filter((voter) => replica.isAlive(voter)).length;
  const needed = quorumOf(remaining.length);
  if (alive >= needed) return;
  throw new RaftNodeError(
    "quorum-at-risk",
    `without node ${id} there are ${remaining.length} voters, of which ${alive} are alive and ${needed} are needed`,
  );
}

interface Plan extends ConfChangeSingle {
  readonly context: Uint8Array;
}

/** Proposes what `plan` says, as soon as no other change is in flight, and waits until it is applied. */
async function changeMembers(
  replica: Replica,
  options: CallOptions,
  plan: (confState: ConfState) => Plan | undefined,
): Promise<ConfState> {
  const { clock } = replica.options;
  const deadlineMs = clock.now() + CHANGE_TIMEOUT_MS;
  for (;;) {
    checkCall(replica, options);
    const single = plan(replica.confState);
    if (single === undefined) return replica.confState;
    const tracked = tryPropose(replica, single);
    if (tracked !== undefined) {
      replica.schedule();
      await withSignal(tracked, options);
      return replica.confState;
    }
    if (clock.now() >= deadlineMs) {
      throw new RaftNodeError("timeout", "another change of the members is still in flight");
    }
    await replica.turn();
  }
}

/** Undefined while another change is in flight. */
function tryPropose(replica: Replica, single: Plan): Promise<unknown> | undefined {
  const { context, type, node } = single;
  const change = { transition: "auto" as const, changes: [{ type, node }], context };
  try {
    const place = replica.place(() => {
      replica.core.proposeConfChange(change);
    });
    return replica.proposals.track(place);
  } catch (error) {
    const cause = error instanceof RaftNodeError ? error.cause : error;
    if (isRaftError(cause) && cause.retry === "after-apply") return undefined;
    throw error;
  }
}

function withSignal<T>(call: Promise<T>, { signal }: CallOptions): Promise<T> {
  if (signal === undefined) return call;
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const cause: unknown = signal.reason;
      const details = { outcome: "unknown", cause } as const;
      reject(new RaftNodeError("aborted", "the caller no longer waits for the change", details));
    };
    signal.addEventListener("abort", abort, { once: true });
    call.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", abort);
    });
  });
}
