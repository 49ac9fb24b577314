import type { SwarmStore, View } from "@waggle/swarm-state";
import { createClusterCalls, requireCluster } from "./cluster-calls.ts";
import type { ControlApi, ManagerView, NodeView } from "./control-api.ts";
import { ControlError, controlErrorOf, isControlError } from "./errors.ts";
import type { MembershipPort } from "./membership.ts";
import { createNodeCalls } from "./node-calls.ts";
import { requireObject } from "./require.ts";
import { createServiceCalls, serviceView } from "./service-calls.ts";

/** What {@link createControlApi} works on. */
export interface ControlApiOptions {
  readonly store: SwarmStore;
  /** Resolves once this manager has applied everything that was committed before the call (Raft's read barrier). */
  readonly barrier: () => Promise<void>;
  /** What is known of the managers now, by node id. */
  readonly managers: () => ReadonlyMap<string, ManagerView>;
  readonly membership: Pick<MembershipPort, "canRemoveManager">;
  /** A fresh id: 25 characters `[0-9a-z]`. Join secrets are made of it too, so it must not be guessable. */
  readonly newId: () => string;
}

/**
 * The control API on this manager's own store: reads on any manager, writes on the leader (elsewhere they fail with
 * `no-leader`, nothing done). Put {@link createForwardingControlApi} in front to send writes to the leader.
 */
export function createControlApi(options: ControlApiOptions): ControlApi {
  const { store, membership } = options;
  const writes = {
    ...createClusterCalls(store, options.newId),
    ...createNodeCalls({ store, membership }),
    ...createServiceCalls(store, options.newId),
  };
  const read = async <T>(select: (view: View) => T): Promise<T> => {
    await passBarrier(options.barrier);
    return select(store.view());
  };
  return {
    getCluster: () => read(requireCluster),
    updateCluster: guarded(writes.updateCluster),
    listNodes: () =>
      read((view) => {
        const managers = options.managers();
        return [...view.list("node")].map((node) => nodeView(node, managers));
      }),
    getNode: (id) => read((view) => nodeView(requireObject(view, "node", id), options.managers())),
    updateNode: guarded(writes.updateNode),
    removeNode: guarded(writes.removeNode),
    createService: guarded(writes.createService),
    listServices: () =>
      read((view) => [...view.list("service")].map((service) => serviceView(view, service))),
    getService: (id) => read((view) => serviceView(view, requireObject(view, "service", id))),
    updateService: guarded(writes.updateService),
    removeService: guarded(writes.removeService),
    listTasks: () => read((view) => [...view.list("task")]),
    getTask: (id) => read((view) => requireObject(view, "task", id)),
  };
}

async function passBarrier(barrier: () => Promise<void>): Promise<void> {
  try {
    await barrier();
  } catch (cause) {
    if (isControlError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : "no reason given";
    throw new ControlError("unavailable", `this manager cannot read the swarm's state: ${reason}`, {
      cause,
    });
  }
}

function guarded<P, T>(write: (request: P) => Promise<T>): (request: P) => Promise<T> {
  return async (request) => {
    try {
      return await write(request);
    } catch (error) {
      throw controlErrorOf(error);
    }
  };
}

function nodeView(node: NodeView["node"], managers: ReadonlyMap<string, ManagerView>): NodeView {
  if (node.manager === undefined) return { node, manager: undefined };
  const live = managers.get(node.id);
  return {
    node,
    manager: live ?? {
      leader: false,
      learner: false,
      reachability: "unknown",
      address: node.manager.address,
    },
  };
}
