import type { Cluster, SwarmStore, View } from "@waggle/swarm-state";
import type { ControlApi } from "./control-api.ts";
import { ControlError } from "./errors.ts";
import { requireVersion } from "./require.ts";
import { validateCluster } from "./validate-cluster.ts";

/** The one cluster object. @throws ControlError `not-found` before the swarm was initialised. */
export function requireCluster(view: View): Cluster {
  for (const cluster of view.list("cluster")) return cluster;
  throw new ControlError("not-found", "the swarm has no cluster object");
}

/** The write on the cluster; rotating a token replaces its secret, so that older tokens no longer let anyone in. */
export function createClusterCalls(
  store: SwarmStore,
  newId: () => string,
): Pick<ControlApi, "updateCluster"> {
  return {
    updateCluster: async ({ version, spec, rotate }) => {
      validateCluster(spec);
      await store.update((tx) => {
        const cluster = requireCluster(tx);
        requireVersion(cluster, version);
        const { worker, manager } = cluster.joinSecrets;
        tx.update({
          ...cluster,
          spec,
          joinSecrets: {
            worker: rotate.workerToken ? newId() : worker,
            manager: rotate.managerToken ? newId() : manager,
          },
        });
      });
      return requireCluster(store.view());
    },
  };
}
