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
}

/**
 * The writes on nodes. A demotion is only written down here; the role reconciler carries it out. So is a removal: the
 * planners replace the node's tasks and mark them as orphaned, however many there are.
 */
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
