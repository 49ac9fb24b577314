import { join } from "node:path";
import { rm } from "node:fs/promises";
import {
  createObjectId,
  createRaftId,
  createSwarmSecret,
  joinKey,
  parseJoinToken,
} from "@waggle/swarm-identity";
import type { Availability } from "@waggle/swarm-state";
import { formatAddress, parseAddress } from "@waggle/transport";
import type { PreSharedKey } from "@waggle/transport/sealed";
import { codeOf, messageOf, NodeError } from "./errors.ts";
import {
  type Identity,
  type KnownManager,
  removeIdentity,
  writeIdentity,
} from "./identity/identity-file.ts";
import { type AcceptedJoin, requestJoin } from "./join/client.ts";
import { JOIN_TIMEOUT_MS } from "./limits.ts";
import type { Logger } from "./logger.ts";
import { RAFT_FOLDER } from "./manager/manager-side.ts";
import { type Membership, startMembership } from "./membership.ts";
import { KEY_IDS, type KeyId, PROTOCOLS } from "./network/keys.ts";
import { type NodeNetwork, openNodeNetwork } from "./network/node-network.ts";
import { managerKeys, nodeKeyOf, workerKeys } from "./network/swarm-keys.ts";

/** Folders of the data directory that belong to one membership. */
const MEMBERSHIP_FOLDERS = [RAFT_FOLDER, "agent", "processes"] as const;

export interface NodeContext {
  /** The name under which people know this node. */
  readonly hostname: string;
  readonly dataDirectory: string;
  /** `host:port` as the node was told to listen, if it was; port 0 lets the system choose. */
  readonly listenAddress: string | undefined;
  readonly logger: Logger;
  readonly onManagerEnded: (reason: "removed" | { readonly error: unknown }) => void;
}

/** Where a new member listens unless it is told otherwise: loopback, until certificates come. */
const DEFAULT_LISTEN_ADDRESS = "127.0.0.1:2377";

/** A running membership together with the network that it stands on. */
export interface ActiveMembership {
  readonly membership: Membership;
  readonly network: NodeNetwork;
}

/**
 * Continues the membership that the data directory holds, after a restart: where the node was, unless it is told to
 * listen elsewhere.
 * @throws NodeError `invalid-argument` for a manager that others would not find again.
 */
export async function resumeMembership(
  context: NodeContext,
  stored: Identity,
): Promise<ActiveMembership> {
  const identity = movedTo(context.listenAddress, stored);
  const network = await openNodeNetwork({
    listen: parseAddress(identity.listenAddress),
    keys: keysOf(identity),
    logger: context.logger,
  });
  if (identity !== stored) await writeIdentity(context.dataDirectory, identity);
  return activate(context, { network, identity, founding: false, availability: "active" });
}

function movedTo(listenAddress: string | undefined, identity: Identity): Identity {
  if (listenAddress === undefined) return identity;
  const given = parseAddress(listenAddress);
  const moved = formatAddress(given);
  if (given.port === 0 || moved === identity.listenAddress) return identity;
  if (identity.advertiseAddress !== identity.listenAddress) {
    return { ...identity, listenAddress: moved };
  }
  if (identity.manager !== undefined) {
    throw new NodeError(
      "invalid-argument",
      `this manager is known to the others at ${identity.listenAddress}, and they would not find it at ${moved}.` +
        " Start it without --listen-addr; to move it, let it leave the swarm and join again.",
    );
  }
  return { ...identity, listenAddress: moved, advertiseAddress: moved };
}

export interface FoundOptions {
  readonly advertiseAddress: string;
  readonly availability: Availability;
}

/** Creates a swarm with this node as its first manager. @throws NodeError; nothing is left behind then. */
export async function foundSwarm(
  context: NodeContext,
  options: FoundOptions,
): Promise<ActiveMembership> {
  const swarmSecret = createSwarmSecret();
  const network = await openNodeNetwork({
    listen: parseAddress(context.listenAddress ?? DEFAULT_LISTEN_ADDRESS),
    keys: managerKeys(swarmSecret, undefined),
    logger: context.logger,
  });
  const { availability } = options;
  return undoneOnFailure(context, network, async () => {
    const addresses = addressesOf(network, options.advertiseAddress);
    const self: KnownManager = {
      nodeId: createObjectId(),
      raftId: createRaftId(),
      address: addresses.advertiseAddress,
    };
    const identity: Identity = {
      version: 1,
      nodeId: self.nodeId,
      nodeKey: nodeKeyOf(swarmSecret),
      manager: { raftId: self.raftId, swarmSecret },
      ...addresses,
      managers: [self],
    };
    await wipe(context.dataDirectory);
    await writeIdentity(context.dataDirectory, identity);
    return activate(context, { network, identity, founding: true, availability });
  });
}

export interface JoinSwarmOptions {
  readonly remoteAddresses: readonly string[];
  readonly joinToken: string;
  readonly advertiseAddress: string;
  readonly availability: Availability;
}

/** Makes this node a member of an existing swarm. @throws NodeError; nothing is left behind then. */
export async function joinSwarm(
  context: NodeContext,
  options: JoinSwarmOptions,
): Promise<ActiveMembership> {
  const secret = joinKey(readToken(options.joinToken));
  const remotes = options.remoteAddresses.map(readRemote);
  // Which of the two tokens it is shows when a manager accepts it.
  const network = await openNodeNetwork({
    listen: parseAddress(context.listenAddress ?? DEFAULT_LISTEN_ADDRESS),
    keys: [
      { id: KEY_IDS.joinWorker, secret },
      { id: KEY_IDS.joinManager, secret },
    ],
    logger: context.logger,
  });
  return undoneOnFailure(context, network, async () => {
    const addresses = addressesOf(network, options.advertiseAddress);
    const join = await requestJoin({
      remotes,
      dial: (to, signal) => dialWithEitherKey(network, to, signal),
      parseAddress,
      request: {
        availability: options.availability,
        hostname: context.hostname,
        address: addresses.advertiseAddress,
      },
      signal: AbortSignal.timeout(JOIN_TIMEOUT_MS),
    });
    return takePlace(context, { network, join, addresses, availability: options.availability });
  });
}

interface Place {
  readonly network: NodeNetwork;
  readonly join: AcceptedJoin;
  readonly addresses: Pick<Identity, "listenAddress" | "advertiseAddress">;
  readonly availability: Availability;
}

/** Becomes what the manager's answer says, and tells it so. */
async function takePlace(context: NodeContext, place: Place): Promise<ActiveMembership> {
  const { network, join, addresses, availability } = place;
  const { answer } = join;
  const identity: Identity = {
    version: 1,
    nodeId: answer.nodeId,
    nodeKey: bytes(answer.nodeKey),
    ...(answer.manager === undefined
      ? {}
      : {
          manager: {
            raftId: answer.manager.raftId,
            swarmSecret: bytes(answer.manager.swarmSecret),
          },
        }),
    ...addresses,
    managers: answer.managers,
  };
  network.setKeys(keysOf(identity));
  await wipe(context.dataDirectory);
  await writeIdentity(context.dataDirectory, identity);
  const active = await activate(context, { network, identity, founding: false, availability });
  try {
    if (identity.manager !== undefined && (await join.ready()) === "lost") {
      context.logger.warn(
        { nodeId: identity.nodeId },
        "the manager did not say whether this node is a member of the group now. It goes on as one; if it finds no" +
          " leader, let it leave with --force and join again",
      );
    }
    await join.close();
  } catch (error) {
    // Its agent has a session by now, and may have been given tasks.
    await active.membership.stop({ tasks: "stop" });
    throw error;
  }
  return active;
}

/** Ends a membership for good: tasks stop, and its keys and state are deleted. */
export async function dissolve(context: NodeContext, active: ActiveMembership): Promise<void> {
  await active.membership.stop({ tasks: "stop" });
  await active.network.close();
  await wipe(context.dataDirectory);
}

async function activate(
  context: NodeContext,
  options: {
    readonly network: NodeNetwork;
    readonly identity: Identity;
    readonly founding: boolean;
    readonly availability: Availability;
  },
): Promise<ActiveMembership> {
  const { dataDirectory, hostname, logger, onManagerEnded } = context;
  try {
    const membership = await startMembership({
      dataDirectory,
      hostname,
      logger,
      onManagerEnded,
      ...options,
    });
    return { membership, network: options.network };
  } catch (error) {
    await options.network.close();
    throw error;
  }
}

async function undoneOnFailure<T>(
  context: NodeContext,
  network: NodeNetwork,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    await network.close();
    await wipe(context.dataDirectory);
    throw error;
  }
}

/** Also before a membership begins: a crash while leaving may have left a log that a new manager must not open. */
async function wipe(dataDirectory: string): Promise<void> {
  await removeIdentity(dataDirectory);
  for (const folder of MEMBERSHIP_FOLDERS) {
    await rm(join(dataDirectory, folder), { recursive: true, force: true });
  }
}

function keysOf(identity: Identity): readonly PreSharedKey[] {
  return identity.manager === undefined
    ? workerKeys(identity.nodeKey)
    : managerKeys(identity.manager.swarmSecret, undefined);
}

/** A token does not say its role; a manager that knows it under one key id does not know it under the other. */
async function dialWithEitherKey(
  network: NodeNetwork,
  to: ReturnType<typeof parseAddress>,
  signal: AbortSignal,
): ReturnType<NodeNetwork["dial"]> {
  const dial = (keyId: KeyId): ReturnType<NodeNetwork["dial"]> =>
    network.dial(to, PROTOCOLS.join.name, { keyId, signal });
  try {
    return await dial(KEY_IDS.joinWorker);
  } catch (error) {
    if (codeOf(error) !== "unauthenticated") throw error;
    return dial(KEY_IDS.joinManager);
  }
}

function addressesOf(
  network: NodeNetwork,
  advertiseAddress: string,
): Pick<Identity, "listenAddress" | "advertiseAddress"> {
  const listenAddress = formatAddress(network.address);
  if (advertiseAddress === "") return { listenAddress, advertiseAddress: listenAddress };
  const withPort = /:\d+$/.test(advertiseAddress)
    ? advertiseAddress
    : `${advertiseAddress}:${network.address.port}`;
  try {
    return { listenAddress, advertiseAddress: formatAddress(parseAddress(withPort)) };
  } catch (cause) {
    throw new NodeError(
      "invalid-argument",
      `invalid advertise address "${advertiseAddress}": ${messageOf(cause)}`,
      { cause },
    );
  }
}

function readToken(text: string): string {
  try {
    return parseJoinToken(text).secret;
  } catch (cause) {
    throw new NodeError("bad-token", messageOf(cause), { cause });
  }
}

function readRemote(text: string): ReturnType<typeof parseAddress> {
  try {
    return parseAddress(text);
  } catch (cause) {
    throw new NodeError("invalid-argument", `invalid remoteAddr "${text}": ${messageOf(cause)}`, {
      cause,
    });
  }
}

function bytes(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}
