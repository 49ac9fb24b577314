import { createSwimDriver, type SwimDriver } from "@waggle/gossip-swim/driver";
import type { GossipPort } from "@waggle/swarm-manager";
import type { Address } from "@waggle/transport";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, PROTOCOLS } from "../network/keys.ts";
import type { NodeNetwork } from "../network/node-network.ts";

/** Between two looks at whether this node is alone and should be looking for the others. */
const REJOIN_INTERVAL_MS = 2_000;

export interface GossipNetworkOptions {
  readonly nodeId: string;
  readonly advertise: Address;
  readonly network: NodeNetwork;
  /** Nodes to turn to: the managers as known now, without this node. */
  readonly seeds: () => readonly Address[];
  readonly logger: Logger;
}

/** This node's part in the one gossip network of the swarm. */
export interface GossipNetwork extends GossipPort {
  /** Tells the others and waits until that has spread; then the others hold this node as left, not as dead. */
  leave(signal: AbortSignal): Promise<void>;
  stop(): void;
}

export function startGossip(options: GossipNetworkOptions): GossipNetwork {
  const { network, logger, nodeId } = options;
  const driver = createSwimDriver({
    name: nodeId,
    address: options.advertise,
    datagrams: { send: (to, data) => network.sendDatagram(to, data) },
    streams: {
      dial: (to, { signal }) =>
        network.dial(to, PROTOCOLS.gossip.name, { keyId: KEY_IDS.node, signal }),
    },
    onCoreEvent: (event) => {
      if (event.type !== "name-conflict") logger.debug({ event }, "gossip");
      // The only sign of a data directory that was copied to a second machine.
      else logger.warn({ event }, "another node announces itself under this node's id");
    },
    onListenerError: (error) =>
      logger.error({ error: messageOf(error) }, "a gossip listener threw"),
  });
  network.onDatagram((from, data) => driver.handleDatagram(from, data));
  network.serve(PROTOCOLS.gossip.name, (connection) => driver.acceptStream(connection));
  driver.subscribe((event) =>
    logger.debug({ event: event.type, node: event.member.name }, "gossip"),
  );
  driver.start();
  const stopRejoining = keepJoined(driver, options);
  return {
    stateOf: (id) => driver.member(id)?.state ?? "unknown",
    subscribe: (listener) => driver.subscribe(({ member }) => listener(member.name)),
    probeNow: (id) => {
      driver.probeNow(id);
    },
    leave: (signal) => driver.leave({ signal }),
    stop: () => {
      stopRejoining();
      driver.stop();
    },
  };
}

/** A node that sees nobody alive asks its seeds again: after its own start, theirs, or a partition. */
function keepJoined(driver: SwimDriver, options: GossipNetworkOptions): () => void {
  const stopped = new AbortController();
  const isAlone = (): boolean =>
    !driver.members().some(({ name, state }) => name !== options.nodeId && state === "alive");
  const look = async (): Promise<void> => {
    if (!isAlone()) return;
    try {
      const seeds = options.seeds();
      if (seeds.length > 0) await driver.join(seeds, { signal: stopped.signal });
    } catch (error) {
      options.logger.debug({ error: messageOf(error) }, "gossip: nobody reached yet");
    }
  };
  void look();
  const timer = setInterval(() => void look(), REJOIN_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    stopped.abort();
  };
}
