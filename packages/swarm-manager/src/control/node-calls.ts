import { taskStateRank } from "@waggle/swarm-state";
import type { NodeSpec, SwarmStore, Transaction } from "@waggle/swarm-state";
import type { ControlApi } from "./control-api.ts";
import type { MembershipPort } from "./membership.ts";
import { requireObject, requireVersion } from "./require.ts";
import {
  validateDemotion,
  validateNode,
  validateNodeRemoval,
  validatePromotion,
} from "./validate-node.ts";

type NodeWrites = Pick<ControlApi, "updateNode" | "removeNode">;

/** What {@link createNodeCalls} works on. */
export interface NodeCallsOptions {
  readonly store: SwarmStore;
  readonly membership: Pick<MembershipPort, "canRemoveManager">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** The writes on nodes. A demotion is only written down here; the role reconciler carries it out. */
export function createNodeCalls(options: NodeCallsOptions): NodeWrites {
  const { store } = options;
  return {
    updateNode: async (request) => {
      await store.update((tx) => update(tx, request, options.membership));
      return requireObject(store.view(), "node", request.id);
    },
    removeNode: async ({ id, force }) => {
      await store.update((tx) => {
        validateNodeRemoval(requireObject(tx, "node", id), force);
        orphanTasks(tx, id, options.now());
        tx.delete("node", id);
      });
    },
  };
}

function update(
  tx: Transaction,
  request: { readonly id: string; readonly version: number; readonly spec: NodeSpec },
  membership: Pick<MembershipPort, "canRemoveManager">,
): void {
  const node = requireObject(tx, "node", request.id);
  validateNode(request.spec);
  requireVersion(node, request.version);
  if (node.spec.role === "manager" && request.spec.role === "worker") {
    validateDemotion(tx, node, membership);
  }
  if (node.spec.role === "worker" && request.spec.role === "manager") validatePromotion(node);
  tx.update({ ...node, spec: request.spec });
}

/** Nobody will ever report on these tasks again: what they hold is free. */
function orphanTasks(tx: Transaction, nodeId: string, nowMs: number): void {
  for (const task of [...tx.tasksOfNode(nodeId)]) {
    if (taskStateRank(task.status.state) >= taskStateRank("complete")) continue;
    tx.update({
      ...task,
      status: {
        ...task.status,
        state: "orphaned",
        message: "node removed from the swarm",
        timestampMs: nowMs,
        appliedAtMs: nowMs,
      },
    });
  }
}
