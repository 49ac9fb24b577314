import { join } from "node:path";
import type { LocalRaftStatus } from "@waggle/engine-api";
import { createRaftNode, type RaftLogger, type RaftNode } from "@waggle/raft";
import { nodeId as toRaftNodeId } from "@waggle/raft-core";
import { openFileStore } from "@waggle/raft-storage/file";
import { createObjectId } from "@waggle/swarm-identity";
import {
  type ControlApi,
  createControlApi,
  createDispatcher,
  createForwardingControlApi,
  createLeaderDesk,
  createNodeMonitor,
  createRemoteLeader,
  type Dispatcher,
  type GossipPort,
  type LeaderPort,
} from "@waggle/swarm-manager";
import {
  createSwarmStore,
  defaultClusterSpec,
  type Availability,
  type ClusterSpec,
  type SwarmStore,
} from "@waggle/swarm-state";
import { type Connection, parseAddress } from "@waggle/transport";
import { wallClock } from "../clock.ts";
import { messageOf, NodeError } from "../errors.ts";
import type { Identity, KnownManager } from "../identity/identity-file.ts";
import { JOIN_TIMEOUT_MS } from "../limits.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, type ProtocolName } from "../network/keys.ts";
import type { NodeNetwork } from "../network/node-network.ts";
import { createLeaderClient, type LeaderClient } from "./leader-client.ts";
import { createLeadership } from "./leadership.ts";
import { createManagerCalls } from "./manager-calls.ts";
import { managerPeers, viewManagers } from "./managers-view.ts";
import { createPeerDirectory, type PeerDirectory } from "./peer-directory.ts";
import { followRaft } from "./follow-raft.ts";
import { raftStatusOf } from "./raft-status.ts";
import { createRaftMembership, isRaftMember } from "./raft-membership.ts";
import { serveManager } from "./serve-manager.ts";
import { createStoreStateMachine } from "./state-machine.ts";

/** Where the Raft log and the snapshots are, in the data directory. */
export const RAFT_FOLDER = "raft";

export type ManagerIdentity = Identity & { readonly manager: NonNullable<Identity["manager"]> };

export interface ManagerSideOptions {
  readonly dataDirectory: string;
  readonly identity: ManagerIdentity;
  readonly availability: Availability;
  /** This node founds the swarm: its Raft group starts with it alone. Without effect on a log that exists. */
  readonly founding: boolean;
  readonly network: NodeNetwork;
  readonly gossip: GossipPort;
  readonly logger: Logger;
  /** The managers, or where they are reached, changed: to be remembered over a restart. */
  readonly onManagersChanged: (managers: readonly KnownManager[]) => void;
  /** This node is no manager any more, or its store broke. */
  readonly onEnded: (reason: "removed" | { readonly error: unknown }) => void;
}

/** What a manager runs besides what every node runs: Raft, the replicated state, the control API, the dispatcher. */
export interface ManagerSide {
  readonly control: ControlApi;
  readonly store: SwarmStore;
  /** Resolves when the swarm's first objects are there. @throws NodeError `timeout` */
  founded(): Promise<void>;
  /** Whether a leader is known, so that calls can be answered. */
  ready(): boolean;
  /** Whether the group has taken this node out: it is a worker then, and about to go on as one. */
  isRemoved(): boolean;
  /** Whether the group knows this node, be it as a learner. */
  isMember(): boolean;
  managers(): readonly KnownManager[];
  raftStatus(): LocalRaftStatus;
  /**
   * Has another manager lead, if this one does: before it stops, so that nobody waits for an election. Takes a second at
   * most; rejects never, since whatever comes of it, this manager will stop.
   */
  handOver(): Promise<void>;
  /** Hands leadership over if this node leads; ends all sessions and Raft. */
  stop(): Promise<void>;
}

/**
 * Opens the Raft log, restores the state and takes part in the group.
 * @throws the store's error when the log is damaged or another process holds it; nothing runs then.
 */
export async function startManagerSide(options: ManagerSideOptions): Promise<ManagerSide> {
  const { identity, network, logger } = options;
  const raftSlot: { node?: RaftNode } = {};
  const raftOf = (): RaftNode => {
    if (raftSlot.node !== undefined) return raftSlot.node;
    throw new NodeError("unavailable", "this manager is starting; try again");
  };
  const store = createSwarmStore({
    proposer: { propose: async (data) => (await raftOf().propose(data)).index },
    now: wallClock.now,
  });
  const parts: { dispatcher?: Dispatcher } = {};
  const peers = createPeerDirectory(identity.managers.filter(isKnownManager), store, () => {
    options.onManagersChanged(peers.all());
    parts.dispatcher?.managersChanged();
  });
  const raftId = toRaftNodeId(identity.manager.raftId);
  const dial = (peer: number, protocol: ProtocolName): Promise<Connection> =>
    dialPeer(network, peers, { peer, protocol });
  const raft = await createRaftNode({
    id: raftId,
    store: await openFileStore({ directory: join(options.dataDirectory, RAFT_FOLDER) }),
    stateMachine: createStoreStateMachine(store),
    dial: (peer, protocol) => dial(peer, protocol as ProtocolName),
    random: () => Math.random(),
    snapshotIntervalEntries: () => clusterSpec(store).raftSnapshotIntervalEntries,
    trailingEntries: () => clusterSpec(store).raftTrailingEntries,
    ...(options.founding ? { bootstrap: { voters: [raftId] } } : {}),
    logger: raftLogger(logger),
  });
  raftSlot.node = raft;
  const running = compose({ ...options, store, raft, peers, dial });
  parts.dispatcher = running.dispatcher;
  return {
    control: running.control,
    store,
    founded: () => untilFounded(store),
    ready: () => raft.status().leader !== undefined,
    isRemoved: () => running.isRemoved(),
    isMember: () => isRaftMember(raft, raftId),
    managers: () => peers.all(),
    raftStatus: () => raftStatusOf(raft.status()),
    handOver: () => handOver(raft, logger),
    stop: async () => {
      running.stopServing();
      await running.dispatcher.stop();
      running.leaderClient.close();
      await raft.stop();
      running.endLeadership();
    },
  };
}

async function handOver(raft: RaftNode, logger: Logger): Promise<void> {
  if (raft.status().core.role !== "leader") return;
  try {
    const leader = await raft.transferLeadership();
    logger.info({ leader }, "leadership was handed over");
  } catch (error) {
    logger.info({ error: messageOf(error) }, "leadership was not handed over");
  }
}

/** Calls `changed` when another manager is known to lead, and when this one may write as leader. */
function onLeaderChanged(raft: RaftNode, changed: () => void): () => void {
  return raft.subscribe((event) => {
    if (event.type === "leading") changed();
    if (event.type === "role" && event.leader !== undefined) changed();
  });
}

function isKnownManager(peer: Identity["managers"][number]): peer is KnownManager {
  return peer.raftId !== undefined;
}

/** The swarm's settings as they are now; the defaults until its first objects are there. */
function clusterSpec(store: SwarmStore): ClusterSpec {
  const [cluster] = store.view().list("cluster");
  return cluster?.spec ?? defaultClusterSpec();
}

function raftLogger(logger: Logger): RaftLogger {
  return {
    debug: (message, fields = {}) => logger.debug(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

function untilFounded(store: SwarmStore): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      settle();
    };
    const timer = setTimeout(
      () =>
        end(() => reject(new NodeError("timeout", "the new swarm did not become ready in time"))),
      JOIN_TIMEOUT_MS,
    );
    const look = (): void => {
      if (store.view().count("cluster") > 0) end(resolve);
    };
    const unsubscribe = store.subscribe(look);
    look();
  });
}

function dialPeer(
  network: NodeNetwork,
  peers: PeerDirectory,
  { peer, protocol }: { peer: number; protocol: ProtocolName },
): Promise<Connection> {
  const address = peers.addressOf(peer);
  if (address === undefined) {
    return Promise.reject(new NodeError("unavailable", `no address is known of manager ${peer}`));
  }
  return network.dial(parseAddress(address), protocol, { keyId: KEY_IDS.manager });
}

interface Composition {
  readonly control: ControlApi;
  readonly dispatcher: Dispatcher;
  readonly leaderClient: LeaderClient;
  stopServing(): void;
  isRemoved(): boolean;
  endLeadership(): void;
}

interface Parts extends ManagerSideOptions {
  readonly store: SwarmStore;
  readonly raft: RaftNode;
  readonly peers: PeerDirectory;
  readonly dial: (peer: number, protocol: ProtocolName) => Promise<Connection>;
}

/** Joins the parts around a running Raft node. */
function compose(parts: Parts): Composition {
  const { store, raft, peers, gossip, identity, logger } = parts;
  const membership = createRaftMembership(raft);
  const monitor = createNodeMonitor({ store, clock: wallClock, gossip, logger });
  const desk: LeaderPort = createLeaderDesk({ store, sessions: monitor, now: wallClock.now });
  const barrier = async (): Promise<void> => {
    await raft.read();
  };
  const local = createControlApi({
    store,
    barrier,
    managers: () => viewManagers(store, raft, gossip),
    membership,
    newId: createObjectId,
  });
  const calls = createManagerCalls(local, desk);
  const leaderClient = createLeaderClient({
    leader: () => raft.status().leader,
    isSelf: (id) => id === raft.status().id,
    dial: (id) => parts.dial(id, "manager/1"),
    local: (method, params) => calls.carryOut(method, params),
  });
  const ended = { removed: false, failed: false };
  raft.subscribe(({ type }) => {
    if (type === "removed" || type === "failed") ended[type] = true;
  });
  const control = createForwardingControlApi({
    local,
    isLeader: () => raft.status().core.role === "leader",
    call: (method, params, { signal }) => leaderClient.call(method, params, { signal }),
    clock: wallClock,
    isOver: () => ended.removed || ended.failed,
    onLeaderChanged: (changed) => onLeaderChanged(raft, changed),
  });
  const dispatcher = createDispatcher({
    managerId: identity.nodeId,
    store,
    barrier,
    leader: createRemoteLeader((method, params) => leaderClient.call(method, params)),
    managers: () => managerPeers(store),
    newId: createObjectId,
    clock: wallClock,
    logger,
  });
  const leadership = createLeadership({
    store,
    monitor,
    membership,
    founder: {
      nodeId: identity.nodeId,
      raftId: identity.manager.raftId,
      address: identity.advertiseAddress,
      availability: parts.availability,
    },
    members: () => peers.all(),
    logger,
  });
  followRaft({ raft, peers, leadership, dispatcher, logger, onEnded: parts.onEnded });
  const stopServing = serveManager({ ...parts, calls, dispatcher });
  return {
    control,
    dispatcher,
    leaderClient,
    stopServing,
    isRemoved: () => ended.removed,
    endLeadership: () => leadership.end(),
  };
}
