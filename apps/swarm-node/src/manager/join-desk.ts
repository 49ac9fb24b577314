import { isRaftNodeError, type NodeId, type RaftNode } from "@waggle/raft";
import { nodeId as toRaftNodeId } from "@waggle/raft-core";
import { createObjectId, createRaftId } from "@waggle/swarm-identity";
import { addNode, setManagerMembership, withdrawNode } from "@waggle/swarm-manager";
import type { SwarmStore } from "@waggle/swarm-state";
import { parseAddress } from "@waggle/transport";
import { messageOf, NodeError } from "../errors.ts";
import { JOIN_PROMOTION_TIMEOUT_MS } from "../limits.ts";
import type { JoinDesk } from "../join/server.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, PROTOCOLS } from "../network/keys.ts";
import type { NodeNetwork } from "../network/node-network.ts";
import { nodeKeyOf } from "../network/swarm-keys.ts";
import { encodeMemberContext, type PeerDirectory } from "./peer-directory.ts";
import { isRaftMember } from "./raft-membership.ts";

export interface JoinDeskOptions {
  readonly raft: RaftNode;
  readonly store: SwarmStore;
  readonly network: NodeNetwork;
  readonly peers: PeerDirectory;
  readonly swarmSecret: Uint8Array;
  readonly logger: Logger;
}

/** Takes machines into the swarm. Works on the leader; other managers send joiners there. */
export function createJoinDesk(options: JoinDeskOptions): JoinDesk {
  const { raft, store, network, peers, swarmSecret, logger } = options;
  return {
    leaderElsewhere: () => {
      const { leader, id } = raft.status();
      if (leader === id) return undefined;
      const address = leader === undefined ? undefined : peers.addressOf(leader);
      if (address === undefined) {
        throw new NodeError("unavailable", "The swarm does not have a leader; try again");
      }
      return address;
    },

    register: async (role, { availability, hostname, address }) => {
      const node = await addNode(
        store,
        { role, availability, hostname, address },
        { newId: createObjectId },
      );
      return {
        type: "accepted",
        nodeId: node.id,
        nodeKey: Buffer.from(nodeKeyOf(swarmSecret)).toString("base64"),
        ...(role === "manager"
          ? {
              manager: {
                raftId: createRaftId(),
                swarmSecret: Buffer.from(swarmSecret).toString("base64"),
              },
            }
          : {}),
        managers: [...peers.all()],
      };
    },

    activate: async ({ nodeId, manager }, { address }) => {
      if (manager === undefined) throw new NodeError("protocol", "a worker is no Raft member");
      await assertReachable(network, address);
      const context = encodeMemberContext({ nodeId, address });
      const raftId = toRaftNodeId(manager.raftId);
      try {
        await raft.addLearner(raftId, context);
      } catch (error) {
        if (isRaftNodeError(error) && error.outcome === "unknown") return "unknown";
        throw error;
      }
      // It is a member by now, whatever comes of the rest: the next leader writes it down, and goes on promoting it.
      await setManagerMembership(store, nodeId, { raftId, address }).catch(() => undefined);
      await promoteSoon(raft, raftId, logger);
      return "member";
    },

    withdraw: async ({ nodeId, manager }) => {
      const raftId = manager?.raftId;
      if (raftId !== undefined && isRaftMember(raft, raftId)) {
        // It is a member, though nobody could tell it so: it stays, and its node with it.
        return;
      }
      // What brought the joiner down matters more than this: it is what the joiner is told.
      await withdrawNode(store, nodeId).catch((error: unknown) => {
        logger.warn(
          { nodeId, error: messageOf(error) },
          "a node that did not join stays registered; remove it with `node rm --force`",
        );
      });
    },
  };
}

/** Has a learner counted in the quorum before its join is answered, if it catches up in that time. */
async function promoteSoon(raft: RaftNode, raftId: NodeId, logger: Logger): Promise<void> {
  const signal = AbortSignal.timeout(JOIN_PROMOTION_TIMEOUT_MS);
  try {
    await raft.promoteMember(raftId, { signal });
  } catch (error) {
    logger.warn(
      { raftId, error: messageOf(error) },
      "a manager has joined, and is not counted in the quorum before it is caught up",
    );
  }
}

/** A member that cannot be reached would only weaken the quorum. */
async function assertReachable(network: NodeNetwork, address: string): Promise<void> {
  try {
    const connection = await network.dial(parseAddress(address), PROTOCOLS.managerCalls.name, {
      keyId: KEY_IDS.manager,
    });
    await connection.close();
  } catch (cause) {
    throw new NodeError(
      "invalid-argument",
      `the managers cannot reach the joining node at ${address}: ${messageOf(cause)}. Choose its --advertise-addr so` +
        " that they can.",
      { cause },
    );
  }
}
