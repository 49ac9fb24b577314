import { checkAddress } from "../address.ts";
import { TransportError } from "../errors.ts";
import type { ListenAndBindOptions, Presence } from "../listen-and-bind.ts";
import { listenAndBind } from "../listen-and-bind.ts";
import { checkProtocolName } from "../protocol-name.ts";
import type {
  Address,
  BindOptions,
  Connection,
  DatagramSocket,
  DialOptions,
  Listener,
  ListenOptions,
  Transport,
} from "../transport.ts";
import type { NodeConnection } from "./connection.ts";
import { bindNode } from "./datagram.ts";
import { dialNode } from "./dial.ts";
import { listenNode } from "./listener.ts";
import type { NodeSettings, NodeTransportOptions } from "./options.ts";
import { resolveNodeOptions } from "./options.ts";

/** Counters of a transport since it was made, and what it holds now. */
export interface NodeTransportStats {
  /** Connections that are open now. */
  readonly connections: number;
  /** Incoming connections now whose handshake is not over. */
  readonly pendingHandshakes: number;
  /** Incoming connections cut because a limit was reached. */
  readonly connectionsRefused: number;
  /** Incoming connections that did not finish the handshake. */
  readonly handshakesFailed: number;
  /** Datagrams dropped here: too large, send queue full, refused by the system, or the receiver threw. */
  readonly datagramsDropped: number;
}

/** A transport over TCP and UDP. */
export interface NodeTransport extends Transport {
  /** Listens on TCP and binds UDP on the same port: see `listenAndBind` of the root entry. */
  listenAndBind(options: ListenAndBindOptions): Promise<Presence>;
  stats(): NodeTransportStats;
}

/**
 * Makes a transport over TCP and UDP. It opens nothing until it is asked to.
 * @throws TransportError `invalid-argument`.
 */
export function createNodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  return new TcpUdpTransport(resolveNodeOptions(options));
}

class TcpUdpTransport implements NodeTransport {
  readonly settings: NodeSettings;
  readonly counters = {
    connectionsRefused: 0,
    handshakesFailed: 0,
    pendingHandshakes: 0,
    datagramsDropped: 0,
  };
  readonly #connections = new Set<NodeConnection>();
  readonly #listeners = new Set<Listener | DatagramSocket>();
  readonly #shutdown = new AbortController();

  constructor(settings: NodeSettings) {
    this.settings = settings;
  }

  async dial(to: Address, options: DialOptions): Promise<Connection> {
    checkAddress(to, 1);
    checkProtocolName(options.protocol);
    this.#checkOpen();
    const signals = [
      this.#shutdown.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ];
    const connection = await dialNode(to, this.settings, {
      ...options,
      signal: AbortSignal.any(signals),
    });
    this.adopt(connection);
    return connection;
  }

  async listen(options: ListenOptions): Promise<Listener> {
    checkAddress(options.address, 0);
    this.#checkOpen();
    return this.#keep(await listenNode(this, options));
  }

  async bind(options: BindOptions): Promise<DatagramSocket> {
    checkAddress(options.address, 0);
    this.#checkOpen();
    return this.#keep(await bindNode(this, options));
  }

  listenAndBind(options: ListenAndBindOptions): Promise<Presence> {
    return listenAndBind(this, options);
  }

  async close(): Promise<void> {
    this.#shutdown.abort(new TransportError("closed", "the transport is closed"));
    const all = [...this.#listeners, ...this.#connections];
    this.#listeners.clear();
    await Promise.all(all.map((each) => each.close()));
  }

  stats(): NodeTransportStats {
    return { ...this.counters, connections: this.#connections.size };
  }

  adopt(connection: NodeConnection): void {
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    if (this.#shutdown.signal.aborted) {
      connection.destroy(new TransportError("closed", "the transport is closed"));
    }
  }

  forget(opened: Listener | DatagramSocket): void {
    this.#listeners.delete(opened);
  }

  async #keep<T extends Listener | DatagramSocket>(opened: T): Promise<T> {
    if (this.#shutdown.signal.aborted) {
      await opened.close();
      this.#checkOpen();
    }
    this.#listeners.add(opened);
    return opened;
  }

  #checkOpen(): void {
    if (this.#shutdown.signal.aborted) {
      throw new TransportError("closed", "the transport is closed");
    }
  }
}
