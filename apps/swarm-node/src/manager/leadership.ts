import { createObjectId } from "@waggle/swarm-identity";
import {
  createOrchestrator,
  createPlannerLoop,
  createReaper,
  createRoleReconciler,
  createScheduler,
  createUpdater,
  initialiseCluster,
  type MembershipPort,
  type NodeMonitor,
  setManagerMembership,
} from "@waggle/swarm-manager";
import type { Availability, SwarmStore } from "@waggle/swarm-state";
import { wallClock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { KnownManager } from "../identity/identity-file.ts";
import type { Logger } from "../logger.ts";

export interface LeadershipOptions {
  readonly store: SwarmStore;
  readonly monitor: NodeMonitor;
  readonly membership: MembershipPort;
  /** This node, as it founds the swarm when there is none yet. */
  readonly founder: KnownManager & { readonly availability: Availability };
  /** The members of the group with their nodes. */
  readonly members: () => readonly KnownManager[];
  readonly logger: Logger;
}

/** Everything that runs on the leader only. It reads what it needs from the state: nothing is handed from leader to leader. */
export interface Leadership {
  begin(): void;
  end(): void;
}

export function createLeadership(options: LeadershipOptions): Leadership {
  const { store, monitor, membership, logger } = options;
  const planners = createPlannerLoop({
    store,
    planners: [
      createOrchestrator({ newId: createObjectId }),
      createUpdater({ newId: createObjectId }),
      createScheduler(),
      createReaper(),
    ],
    clock: wallClock,
    logger,
  });
  const roles = createRoleReconciler({ store, membership, clock: wallClock, logger });
  let leading = false;
  return {
    begin: () => {
      if (leading) return;
      leading = true;
      store.startLeading();
      monitor.start();
      planners.start();
      roles.start();
      completeState(options).catch((error: unknown) => {
        logger.warn(
          { error: messageOf(error) },
          "the state could not be completed; the next leader will",
        );
      });
    },
    end: () => {
      if (!leading) return;
      leading = false;
      roles.stop();
      monitor.stop();
      store.stopLeading();
      void planners.stop();
    },
  };
}

/** What a crash between two writes may have left out: the first objects of a swarm, the node of a new Raft member. */
async function completeState({ store, founder, members }: LeadershipOptions): Promise<void> {
  if (store.view().count("cluster") === 0) {
    const { nodeId: id, raftId, address, availability } = founder;
    await initialiseCluster(store, {
      node: { id, raftId, address, availability },
      newId: createObjectId,
    });
    return;
  }
  for (const { nodeId, raftId, address } of members()) {
    const node = store.view().get("node", nodeId);
    if (node === undefined || node.manager !== undefined || node.spec.role !== "manager") continue;
    await setManagerMembership(store, nodeId, { raftId, address });
  }
}
