import type { RaftNode } from "@waggle/raft";
import { nodeId } from "@waggle/raft-core";
import type { MembershipPort } from "@waggle/swarm-manager";
import { NodeError } from "../errors.ts";

/** The Raft group as the control side sees it. */
export function createRaftMembership(raft: RaftNode): MembershipPort {
  return {
    canRemoveManager: (raftId) => {
      const { core: status } = raft.status();
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
      if (!status.confState.voters.includes(nodeId(raftId))) return;
      if (raftId === status.id) {
        await raft.transferLeadership();
        throw new NodeError("unavailable", "leadership was handed over; the next leader goes on");
      }
      await raft.removeMember(nodeId(raftId));
    },
  };
}
