import { setTimeout as sleep } from "node:timers/promises";
import type {
  LocalSwarmStatus,
  SwarmInitRequest,
  SwarmJoinRequest,
  SwarmPort,
} from "@waggle/engine-api";
import { formatJoinToken, swarmFingerprint } from "@waggle/swarm-identity";
import type { ControlApi } from "@waggle/swarm-manager";
import { messageOf, NodeError } from "../errors.ts";
import { STEP_DOWN_TIMEOUT_MS } from "../limits.ts";
import type { Logger } from "../logger.ts";
import type { ManagerSide } from "../manager/manager-side.ts";
import { dissolve, foundSwarm, joinSwarm, type NodeContext } from "../swarm-membership.ts";
import type { NodeState } from "../node-state.ts";

const STEP_DOWN_POLL_MS = 50;
const ALREADY_MEMBER =
  'This node is already part of a swarm. Use "docker swarm leave" to leave this swarm and join another one.';
const LEAVING_AS_MANAGER =
  "You are attempting to leave the swarm on a node that is participating as a manager. ";

/** This node's place in a swarm, as users change it. One change at a time. */
export function createSwarmPort(context: NodeContext, state: NodeState): SwarmPort {
  return {
    status: () => statusOf(state),
    init: (request) => state.exclusively(() => init(context, state, request)),
    join: (request) => state.exclusively(() => join(context, state, request)),
    leave: ({ force }) => state.exclusively(() => leave(context, state, force)),
    joinTokens: async () => {
      const membership = state.active?.membership;
      const manager = membership?.manager;
      const secret = membership?.identity.manager?.swarmSecret;
      if (manager === undefined || secret === undefined) {
        throw new NodeError("not-manager", "This node is not a swarm manager.");
      }
      const { joinSecrets } = await manager.control.getCluster();
      const fingerprint = swarmFingerprint(secret);
      return {
        worker: formatJoinToken({ fingerprint, secret: joinSecrets.worker }),
        manager: formatJoinToken({ fingerprint, secret: joinSecrets.manager }),
      };
    },
  };
}

function statusOf(state: NodeState): LocalSwarmStatus {
  const membership = state.active?.membership;
  if (membership === undefined) {
    return {
      state: state.error === "" ? "inactive" : "error",
      nodeId: "",
      nodeAddress: "",
      controlAvailable: false,
      error: state.error,
      managers: [],
    };
  }
  const { identity, manager } = membership;
  const error = state.error === "" ? membership.problem : state.error;
  return {
    state: error === "" ? "active" : "error",
    nodeId: identity.nodeId,
    nodeAddress: identity.advertiseAddress.replace(/:\d+$/, ""),
    controlAvailable: manager?.ready() ?? false,
    error,
    raft: manager?.raftStatus(),
    managers: membership.knownManagers(),
  };
}

async function init(
  context: NodeContext,
  state: NodeState,
  request: SwarmInitRequest,
): Promise<string> {
  if (request.forceNewCluster) {
    throw new NodeError(
      "unimplemented",
      "starting a new swarm from this node's state is not offered",
    );
  }
  if (state.active !== undefined) throw new NodeError("already-member", ALREADY_MEMBER);
  state.active = await foundSwarm(context, {
    advertiseAddress: request.advertiseAddress,
    availability: request.availability,
  });
  return state.active.membership.identity.nodeId;
}

async function join(
  context: NodeContext,
  state: NodeState,
  request: SwarmJoinRequest,
): Promise<void> {
  if (state.active !== undefined) throw new NodeError("already-member", ALREADY_MEMBER);
  state.active = await joinSwarm(context, request);
}

async function leave(context: NodeContext, state: NodeState, force: boolean): Promise<void> {
  const { active } = state;
  if (active === undefined) throw new NodeError("not-member", "This node is not part of a swarm");
  const { manager } = active.membership;
  if (manager !== undefined) {
    const others = manager.managers().length - 1;
    if (!force) throw new NodeError("last-manager", LEAVING_AS_MANAGER + consequence(others));
    if (others > 0) await stepDown(active.membership.identity.nodeId, manager, context.logger);
  }
  state.active = undefined;
  state.error = "";
  await dissolve(context, active);
}

function consequence(others: number): string {
  if (others === 0) {
    return (
      "Removing the last manager erases all current state of the swarm. Use `--force` to ignore this" +
      " message. "
    );
  }
  return (
    "The only way to restore a swarm that has lost consensus is to reinitialize it with `--force-new-cluster`." +
    " Use `--force` to suppress this message."
  );
}

/**
 * Has this node taken out of the managers' group while it still can take part in that: of two managers, the other could
 * not decide it alone afterwards. A node that is forced to leave goes without, when the others do not agree in time.
 */
async function stepDown(nodeId: string, manager: ManagerSide, logger: Logger): Promise<void> {
  const deadline = performance.now() + STEP_DOWN_TIMEOUT_MS;
  let reason = "the other managers did not answer in time";
  let asking = false;
  while (manager.isMember()) {
    if (performance.now() > deadline) {
      logger.warn({ reason }, "left while the others still count on this manager: demote its node");
      return;
    }
    // Not awaited: a call that is under way while this manager is taken out of the group gets no answer any more.
    if (!asking) {
      asking = true;
      demote(nodeId, manager.control)
        .catch((error: unknown) => {
          reason = messageOf(error);
        })
        .finally(() => {
          asking = false;
        });
    }
    await sleep(STEP_DOWN_POLL_MS);
  }
}

async function demote(nodeId: string, control: ControlApi): Promise<void> {
  const { node } = await control.getNode(nodeId);
  if (node.spec.role === "worker") return;
  await control.updateNode({
    id: nodeId,
    version: node.version,
    spec: { ...node.spec, role: "worker" },
  });
}
