import type { RaftNode } from "@waggle/raft";
import type { Dispatcher } from "@waggle/swarm-manager";
import type { SwarmStore } from "@waggle/swarm-state";
import { serveJoin } from "../join/server.ts";
import { JOIN_CONVERSATIONS_MAX } from "../limits.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, PROTOCOLS } from "../network/keys.ts";
import type { NodeNetwork } from "../network/node-network.ts";
import { managerKeys } from "../network/swarm-keys.ts";
import { serveRpc } from "../rpc/server.ts";
import { createJoinDesk } from "./join-desk.ts";
import type { ManagerCalls } from "./manager-calls.ts";
import type { ManagerIdentity } from "./manager-side.ts";
import type { PeerDirectory } from "./peer-directory.ts";

export interface ServeManagerOptions {
  readonly network: NodeNetwork;
  readonly raft: RaftNode;
  readonly store: SwarmStore;
  readonly peers: PeerDirectory;
  readonly identity: ManagerIdentity;
  readonly calls: ManagerCalls;
  readonly dispatcher: Dispatcher;
  readonly logger: Logger;
}

const MANAGER_PROTOCOLS = [
  PROTOCOLS.raft.name,
  PROTOCOLS.raftSnapshot.name,
  PROTOCOLS.managerCalls.name,
  PROTOCOLS.session.name,
  PROTOCOLS.join.name,
] as const;

/**
 * Puts a manager's protocols on the network, and lets in who holds the present join tokens. Returns how to take them off
 * again.
 */
export function serveManager(options: ServeManagerOptions): () => void {
  const { network, raft, store, peers, identity, calls, dispatcher } = options;
  const { swarmSecret } = identity.manager;
  const desk = createJoinDesk({
    raft,
    store,
    network,
    peers,
    swarmSecret,
    logger: options.logger,
  });
  network.serve(PROTOCOLS.raft.name, (connection) => raft.accept(connection));
  network.serve(PROTOCOLS.raftSnapshot.name, (connection) => raft.accept(connection));
  network.serve(PROTOCOLS.managerCalls.name, (connection) => {
    void serveRpc(connection, calls.handlers);
  });
  network.serve(PROTOCOLS.session.name, (connection) => dispatcher.accept(connection));
  let joining = 0;
  network.serve(PROTOCOLS.join.name, (connection) => {
    if (joining >= JOIN_CONVERSATIONS_MAX) {
      connection.destroy();
      return;
    }
    joining += 1;
    const role = connection.keyId === KEY_IDS.joinManager ? "manager" : "worker";
    void serveJoin(connection, role, desk).finally(() => {
      joining -= 1;
    });
  });
  const useKeys = (): void => {
    const [cluster] = store.view().list("cluster");
    network.setKeys(managerKeys(swarmSecret, cluster?.joinSecrets));
  };
  const unsubscribe = store.subscribe(({ changes, restored }) => {
    if (restored || changes.some(({ object }) => object.kind === "cluster")) useKeys();
  });
  useKeys();
  return () => {
    unsubscribe();
    for (const protocol of MANAGER_PROTOCOLS) network.stopServing(protocol);
  };
}
