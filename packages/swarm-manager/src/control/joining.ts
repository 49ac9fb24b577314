import type { ManagerMembership, Node, SwarmStore } from "@waggle/swarm-state";
import type { JoinRequest } from "./control-api.ts";
import { ControlError, controlErrorOf } from "./errors.ts";
import { requireObject } from "./require.ts";

/**
 * Registers a machine that was let in, on the leader. It is `unknown` until its agent opens a session; a manager is no
 * Raft member before {@link setManagerMembership}.
 * @throws ControlError `no-leader`, `unavailable`, `unknown-outcome`
 */
export async function addNode(
  store: SwarmStore,
  request: JoinRequest,
  options: { readonly newId: () => string },
): Promise<Node> {
  const id = options.newId();
  await write(() =>
    store.update((tx) =>
      tx.create<Node>({
        kind: "node",
        id,
        spec: { name: "", labels: {}, role: request.role, availability: request.availability },
        description: undefined,
        status: { state: "unknown", message: "", address: request.address },
        manager: undefined,
      }),
    ),
  );
  return requireObject(store.view(), "node", id);
}

/**
 * Writes down that a node has become a member of the Raft group, or (`undefined`) that it is none any more.
 * @throws ControlError `not-found`, `no-leader`, `unavailable`, `unknown-outcome`
 */
export async function setManagerMembership(
  store: SwarmStore,
  nodeId: string,
  membership: ManagerMembership | undefined,
): Promise<void> {
  await write(() =>
    store.update((tx) => {
      tx.update({ ...requireObject(tx, "node", nodeId), manager: membership });
    }),
  );
}

/**
 * Takes back a registration by {@link addNode} that came to nothing: the machine hung up before it was a member. A node
 * that was seen since, or that is a Raft member, is refused; one that is gone is no error.
 * @throws ControlError `failed-precondition`, `no-leader`, `unavailable`, `unknown-outcome`
 */
export async function withdrawNode(store: SwarmStore, nodeId: string): Promise<void> {
  await write(() =>
    store.update((tx) => {
      const node = tx.get("node", nodeId);
      if (node === undefined) return;
      if (node.manager !== undefined || node.description !== undefined) {
        throw new ControlError("failed-precondition", `node ${nodeId} is part of the swarm`);
      }
      tx.delete("node", nodeId);
    }),
  );
}

async function write(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw controlErrorOf(error);
  }
}
