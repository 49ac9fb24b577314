import type { RaftNode } from "@waggle/raft";
import type { GossipPort, ManagerView } from "@waggle/swarm-manager";
import type { ManagerPeer, SwarmStore } from "@waggle/swarm-state";

/** The managers with what is known of them now, by node id: leader and learners from Raft, reachability from gossip. */
export function viewManagers(
  store: Pick<SwarmStore, "view">,
  raft: RaftNode,
  gossip: GossipPort,
): ReadonlyMap<string, ManagerView> {
  const { id, leader, core } = raft.status();
  const learners = new Set<number>(core.confState.learners);
  const views = new Map<string, ManagerView>();
  for (const node of store.view().list("node")) {
    if (node.manager === undefined) continue;
    const { raftId, address } = node.manager;
    const reachable = raftId === id || gossip.stateOf(node.id) === "alive";
    views.set(node.id, {
      leader: raftId === leader,
      learner: learners.has(raftId),
      reachability: reachable ? "reachable" : "unreachable",
      address,
    });
  }
  return views;
}

/** The managers as agents are told of them. */
export function managerPeers(store: Pick<SwarmStore, "view">): readonly ManagerPeer[] {
  return [...store.view().list("node")].flatMap((node) =>
    node.manager === undefined ? [] : [{ nodeId: node.id, address: node.manager.address }],
  );
}
