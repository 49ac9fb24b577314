import { defaultClusterSpec } from "@waggle/swarm-state";
import type {
  Annotations,
  Availability,
  Cluster,
  ClusterSpec,
  Node,
  SwarmStore,
} from "@waggle/swarm-state";
import { ControlError, controlErrorOf } from "./errors.ts";
import { validateCluster } from "./validate-cluster.ts";

/** What the first manager says of itself and of the swarm that it founds. */
export interface InitialiseClusterOptions {
  /** The first manager; it already is the only member of the Raft group. */
  readonly node: {
    readonly id: string;
    readonly raftId: number;
    /** Where its transport listens: `host:port`. */
    readonly address: string;
    readonly availability: Availability;
  };
  /** Default: that of `defaultClusterSpec` in swarm-state, as Docker has it. */
  readonly spec?: ClusterSpec;
  /** A fresh id: 25 characters `[0-9a-z]`, not guessable: the join secrets are made of it. */
  readonly newId: () => string;
}

/**
 * The first transaction of a swarm: the cluster with its join secrets, and the first manager's node.
 * @throws ControlError `failed-precondition` if the swarm exists already; else as every write.
 */
export async function initialiseCluster(
  store: SwarmStore,
  { node, newId, spec = defaultClusterSpec() }: InitialiseClusterOptions,
): Promise<Cluster> {
  validateCluster(spec);
  const id = newId();
  const joinSecrets = { worker: newId(), manager: newId() };
  const annotations: Annotations = { name: "", labels: {} };
  try {
    await store.update((tx) => {
      if (tx.count("cluster") > 0) {
        throw new ControlError("failed-precondition", "the swarm is already initialised");
      }
      tx.create<Cluster>({ kind: "cluster", id, spec, joinSecrets });
      tx.create<Node>({
        kind: "node",
        id: node.id,
        spec: { ...annotations, role: "manager", availability: node.availability },
        description: undefined,
        status: { state: "unknown", message: "", address: node.address },
        manager: { raftId: node.raftId, address: node.address },
      });
    });
  } catch (error) {
    throw controlErrorOf(error);
  }
  const cluster = store.view().get("cluster", id);
  if (cluster === undefined) throw new ControlError("unknown-outcome", "the cluster is gone again");
  return cluster;
}
