import {
  createLocalProposer,
  createSwarmStore,
  type ManagerMembership,
  type Node,
  type ObjectDraft,
  type SwarmStore,
} from "@waggle/swarm-state";

/** A store of one node, without Raft, that takes writes. */
export function createLocalStore(): SwarmStore {
  return createRecordingStore([]);
}

/** The same, which also keeps the log entries that it applies. */
export function createRecordingStore(
  entries: { readonly index: number; readonly data: Uint8Array }[],
): SwarmStore {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => 0 });
  proposer.bind((index, data) => {
    entries.push({ index, data });
    store.apply(index, data);
  });
  store.startLeading();
  return store;
}

/** An id of a node, different for each number. */
export function nodeId(number: number): string {
  return number.toString(36).padStart(25, "0");
}

/** A new node with a membership of the Raft group, or a worker. */
export function nodeDraft(
  number: number,
  manager: ManagerMembership | undefined,
): ObjectDraft<Node> {
  return {
    kind: "node",
    id: nodeId(number),
    spec: {
      name: "",
      labels: {},
      role: manager === undefined ? "worker" : "manager",
      availability: "active",
    },
    description: undefined,
    status: { state: "unknown", message: "", address: "" },
    manager,
  };
}
