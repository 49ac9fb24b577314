import type { RaftNode } from "@waggle/raft";
import type { GossipPort, GossipState } from "@waggle/swarm-manager";
import type { Node } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { managerPeers, viewManagers } from "../../src/manager/managers-view.ts";
import { createLocalStore, nodeDraft, nodeId } from "../support/local-store.ts";

const gossipOf = (states: Readonly<Record<string, GossipState>>): GossipPort => ({
  stateOf: (id) => states[id] ?? "unknown",
  subscribe: () => () => undefined,
  probeNow: () => undefined,
});

const raftOf = (id: number, leader: number | undefined): Pick<RaftNode, "status"> =>
  ({ status: () => ({ id, leader, core: { confState: { learners: [3] } } }) }) as unknown as Pick<
    RaftNode,
    "status"
  >;

async function storeOfThree() {
  const store = createLocalStore();
  await store.update((tx) => {
    for (const raftId of [1, 2, 3]) {
      tx.create<Node>(nodeDraft(raftId, { raftId, address: `10.0.0.${raftId}:1` }));
    }
    tx.create<Node>(nodeDraft(4, undefined));
  });
  return store;
}

describe("the managers as they are shown", () => {
  it("have leader and learners from Raft and reachability from gossip, this one aside", async () => {
    const store = await storeOfThree();
    const gossip = gossipOf({ [nodeId(2)]: "alive", [nodeId(3)]: "suspect", [nodeId(4)]: "alive" });
    const views = viewManagers(store, raftOf(1, 2) as RaftNode, gossip);
    expect([...views]).toEqual([
      [
        nodeId(1),
        { leader: false, learner: false, reachability: "reachable", address: "10.0.0.1:1" },
      ],
      [
        nodeId(2),
        { leader: true, learner: false, reachability: "reachable", address: "10.0.0.2:1" },
      ],
      [
        nodeId(3),
        { leader: false, learner: true, reachability: "unreachable", address: "10.0.0.3:1" },
      ],
    ]);
  });

  it("have no leader while nobody leads", async () => {
    const views = viewManagers(
      await storeOfThree(),
      raftOf(1, undefined) as RaftNode,
      gossipOf({}),
    );
    expect([...views.values()].some(({ leader }) => leader)).toBe(false);
  });

  it("are told to agents by node and address, workers left out", async () => {
    expect(managerPeers(await storeOfThree())).toEqual([
      { nodeId: nodeId(1), address: "10.0.0.1:1" },
      { nodeId: nodeId(2), address: "10.0.0.2:1" },
      { nodeId: nodeId(3), address: "10.0.0.3:1" },
    ]);
  });
});
