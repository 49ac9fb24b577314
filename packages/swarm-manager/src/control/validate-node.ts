import type { Node, NodeSpec, View } from "@waggle/swarm-state";
import { ControlError } from "./errors.ts";
import type { MembershipPort } from "./membership.ts";

const LABEL_KEY_LENGTH_MAX = 1_024;

/** What a node's spec must be by itself. @throws ControlError `invalid-argument` */
export function validateNode(spec: NodeSpec): void {
  for (const key of Object.keys(spec.labels)) {
    if (key === "" || key.length > LABEL_KEY_LENGTH_MAX) {
      throw new ControlError(
        "invalid-argument",
        `a label's name has 1 to ${LABEL_KEY_LENGTH_MAX} characters`,
      );
    }
  }
}

/**
 * Whether a manager may become a worker now. Called inside the transaction that writes it.
 * @throws ControlError `failed-precondition`, `not-found`
 */
export function validateDemotion(
  view: View,
  node: Node,
  membership: Pick<MembershipPort, "canRemoveManager">,
): void {
  const managers = view.list("node");
  let others = 0;
  for (const other of managers) {
    if (other.id !== node.id && other.spec.role === "manager") others += 1;
  }
  if (others === 0) {
    throw precondition("attempting to demote the last manager of the swarm");
  }
  if (node.manager === undefined) {
    throw new ControlError("not-found", "can't find manager in raft memberlist");
  }
  if (!membership.canRemoveManager(node.manager.raftId)) {
    throw precondition("can't remove member from the raft: this would result in a loss of quorum");
  }
}

/**
 * A node that was demoted and is still a Raft member may stay a manager. A worker does not hold the swarm's secret, and
 * there is no way yet to hand it over to that node alone.
 * @throws ControlError `unimplemented`
 */
export function validatePromotion(node: Node): void {
  if (node.manager !== undefined) return;
  throw new ControlError(
    "unimplemented",
    "a worker cannot be promoted: let it leave the swarm, and join again with the manager token",
  );
}

/** Whether a node may be taken out of the swarm. @throws ControlError `failed-precondition` */
export function validateNodeRemoval(node: Node, force: boolean): void {
  if (node.manager !== undefined || node.spec.role === "manager") {
    throw precondition(
      `node ${node.id} is a cluster manager and is a member of the raft cluster. ` +
        "It must be demoted to worker before removal",
    );
  }
  if (!force && node.status.state !== "down") {
    throw precondition(`node ${node.id} is not down and can't be removed`);
  }
}

function precondition(message: string): ControlError {
  return new ControlError("failed-precondition", message);
}
