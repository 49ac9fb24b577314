import { createNodeTransport } from "@waggle/transport/node";
import {
  createSealedTransport,
  type PreSharedKey,
  type SealedKeys,
  type SealedTransport,
} from "@waggle/transport/sealed";
import {
  type Address,
  type Connection,
  type DatagramSocket,
  formatAddress,
} from "@waggle/transport";
import { NodeError, codeOf, messageOf } from "../errors.ts";
import { DIAL_TIMEOUT_MS } from "../limits.ts";
import type { Logger } from "../logger.ts";
import { KEY_IDS, mayOpen, type KeyId, type ProtocolName } from "./keys.ts";

const PORT_ATTEMPTS_MAX = 16;

type ConnectionHandler = (connection: Connection) => void;
type DatagramHandler = (from: Address, data: Uint8Array) => void;

/**
 * One node's network: a TCP and a UDP port with the same number, everything on them sealed with the swarm's keys, and
 * inbound connections handed to whoever serves their protocol.
 */
export interface NodeNetwork {
  /** Where it really listens. */
  readonly address: Address;
  /** Resolves when the other side proved the key. */
  dial(to: Address, protocol: ProtocolName, options: DialNodeOptions): Promise<Connection>;
  /** Who serves a protocol from now on; an inbound connection for an unserved one is closed. */
  serve(protocol: ProtocolName, handler: ConnectionHandler): void;
  /** Connections for the protocol are closed from now on; those that stand are their servers' to close. */
  stopServing(protocol: ProtocolName): void;
  onDatagram(handler: DatagramHandler): void;
  sendDatagram(to: Address, data: Uint8Array): void;
  setKeys(keys: readonly PreSharedKey[]): void;
  close(): Promise<void>;
}

export interface DialNodeOptions {
  readonly keyId: KeyId;
  readonly signal?: AbortSignal;
}

export interface NodeNetworkOptions {
  readonly listen: Address;
  /** In order: datagrams are sealed with `node`. */
  readonly keys: readonly PreSharedKey[];
  readonly logger: Logger;
}

/** @throws NodeError `unavailable` when the port is taken or the address is not this machine's. */
export async function openNodeNetwork(options: NodeNetworkOptions): Promise<NodeNetwork> {
  const network = new Network(options);
  await network.open(options.listen);
  return network;
}

/** Datagrams are gossip: only the members' key seals them, and only they are read. */
function sealedKeys(keys: readonly PreSharedKey[]): SealedKeys {
  const isMember = keys.some(({ id }) => id === KEY_IDS.node);
  return isMember ? { keys, datagramKeyId: KEY_IDS.node } : { keys };
}

class Network implements NodeNetwork {
  readonly #logger: Logger;
  readonly #transport: SealedTransport;
  readonly #handlers = new Map<string, ConnectionHandler>();
  #datagramHandler: DatagramHandler | undefined;
  #socket: DatagramSocket | undefined;
  #address: Address | undefined;

  constructor(options: NodeNetworkOptions) {
    this.#logger = options.logger;
    this.#transport = createSealedTransport(createNodeTransport(), sealedKeys(options.keys));
  }

  get address(): Address {
    if (this.#address === undefined) throw new NodeError("unavailable", "the network is not open");
    return this.#address;
  }

  /** A port that the system chose for TCP may be taken for UDP: then another one is tried. */
  async open(listen: Address): Promise<void> {
    try {
      for (let attempt = 1; ; attempt += 1) {
        const listener = await this.#transport.listen({
          address: listen,
          onConnection: (connection) => this.#accept(connection),
        });
        try {
          this.#socket = await this.#transport.bind({
            address: listener.address,
            onDatagram: ({ from, data }) => this.#datagramHandler?.(from, data),
          });
          this.#address = listener.address;
          return;
        } catch (error) {
          await listener.close();
          if (listen.port !== 0 || attempt === PORT_ATTEMPTS_MAX) throw error;
        }
      }
    } catch (cause) {
      await this.#transport.close();
      throw new NodeError(
        "unavailable",
        `cannot listen on ${formatAddress(listen)}: ${messageOf(cause)}. Choose another --listen-addr, or stop what` +
          " uses the port.",
        { cause },
      );
    }
  }

  async dial(to: Address, protocol: ProtocolName, options: DialNodeOptions): Promise<Connection> {
    const timeout = AbortSignal.timeout(DIAL_TIMEOUT_MS);
    const signal =
      options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
    return this.#transport.dial(to, { protocol, keyId: options.keyId, signal });
  }

  serve(protocol: ProtocolName, handler: ConnectionHandler): void {
    this.#handlers.set(protocol, handler);
  }

  stopServing(protocol: ProtocolName): void {
    this.#handlers.delete(protocol);
  }

  onDatagram(handler: DatagramHandler): void {
    this.#datagramHandler = handler;
  }

  sendDatagram(to: Address, data: Uint8Array): void {
    try {
      this.#socket?.send(to, data);
    } catch (error) {
      // Datagrams are best effort; what depends on one notices its loss by itself.
      this.#logger.debug({ code: codeOf(error), to: formatAddress(to) }, "datagram not sent");
    }
  }

  setKeys(keys: readonly PreSharedKey[]): void {
    this.#transport.setKeys(sealedKeys(keys));
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  #accept(connection: Connection): void {
    const handler = this.#handlers.get(connection.protocol);
    if (handler === undefined || !mayOpen(connection.protocol, connection.keyId)) {
      this.#logger.warn(
        {
          protocol: connection.protocol,
          key: connection.keyId,
          from: formatAddress(connection.remote),
        },
        handler === undefined
          ? "a connection for a protocol that this node does not serve was closed"
          : "a connection whose key does not open its protocol was closed",
      );
      connection.destroy();
      return;
    }
    handler(connection);
  }
}
