import type { RaftNode } from "@waggle/raft";
import { nodeId } from "@waggle/raft-core";
import type { MembershipPort } from "@waggle/swarm-manager";
import { NodeError } from "../errors.ts";

/** The Raft group as the control side sees it. */
export function createRaftMembership(raft: RaftNode): MembershipPort {
  return {
    isLearner: (raftId) => raft.status().core.confState.learners.includes(nodeId(raftId)),
    promoteManager: async (raftId) => {
      await raft.promoteMember(nodeId(raftId));
    },
    canRemoveManager: (raftId) => {
      const { core: status } = raft.status();
      if (status.confState.learners.includes(nodeId(raftId))) return true;
      const voters = status.confState.voters.filter((voter) => voter !== raftId);
      const reachable = voters.filter(
        (voter) =>
          voter === status.id ||
          status.peers.some((peer) => peer.id === voter && peer.recentlyActive),
      );
      return voters.length > 0 && reachable.length > voters.length / 2;
    },
    removeManager: async (raftId) => {
      const { core: status } = raft.status();
      if (raftId === status.id) {
        await raft.transferLeadership();
        throw new NodeError("unavailable", "leadership was handed over; the next leader goes on");
      }
      await raft.removeMember(nodeId(raftId));
    },
  };
}

/** Whether the group knows a node, as voter or as learner. */
export function isRaftMember(raft: RaftNode, raftId: number): boolean {
  const { voters, learners } = raft.status().core.confState;
  return [...voters, ...learners].some((member) => member === raftId);
}
