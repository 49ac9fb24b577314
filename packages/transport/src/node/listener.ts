import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { TransportError } from "../errors.ts";
import type { Address, Listener, ListenOptions } from "../transport.ts";
import type { NodeConnection } from "./connection.ts";
import { FramedSocket } from "./framed-socket.ts";
import { receive } from "./handshake.ts";
import { KEEP_ALIVE_DELAY_MS } from "./limits.ts";
import { mapError } from "./map-error.ts";
import { unmapHost } from "./mapped-address.ts";
import type { NodeSettings } from "./options.ts";

/** What a listener counts for its transport. */
export interface ListenerCounters {
  connectionsRefused: number;
  handshakesFailed: number;
  pendingHandshakes: number;
}

/** Who owns the listener: its settings, its counters, and where finished connections go. */
export interface ListenerHost {
  readonly settings: NodeSettings;
  readonly counters: ListenerCounters;
  adopt(connection: NodeConnection): void;
  /** Called when a listener closes. */
  forget(listener: Listener): void;
}

/** Listens on TCP; resolves with the port that was chosen. */
export async function listenNode(host: ListenerHost, options: ListenOptions): Promise<Listener> {
  const listener = new NodeListener(host, options);
  await listener.start(options.address);
  return listener;
}

class NodeListener implements Listener {
  readonly #host: ListenerHost;
  readonly #onConnection: ListenOptions["onConnection"];
  readonly #frameBytesMax: number;
  readonly #server: Server;
  readonly #pending = new Set<FramedSocket>();
  #open = 0;
  #address: Address;
  #closing: Promise<void> | undefined;

  constructor(host: ListenerHost, options: ListenOptions) {
    this.#host = host;
    this.#onConnection = options.onConnection;
    const { frameBytesMax } = host.settings.limits;
    this.#frameBytesMax = Math.min(options.frameBytesMax ?? frameBytesMax, frameBytesMax);
    this.#address = options.address;
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_DELAY_MS },
      (socket) => this.#accept(socket),
    );
  }

  get address(): Address {
    return this.#address;
  }

  async start({ host, port }: Address): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    this.#server.once("error", reject);
    this.#server.listen({ host, port, backlog: 511 }, () => resolve(undefined));
    try {
      await promise;
    } catch (error) {
      throw error instanceof Error ? mapError(error, { host, port }) : error;
    }
    this.#server.off("error", reject);
    // An accept that fails for want of descriptors concerns one connection, not the listener.
    this.#server.on("error", () => (this.#host.counters.connectionsRefused += 1));
    const bound = this.#server.address();
    if (typeof bound === "object" && bound !== null) this.#address = { host, port: bound.port };
  }

  /** Stops listening and drops unfinished handshakes; finished connections live on. */
  close(): Promise<void> {
    this.#host.forget(this);
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    // The callback would wait for the connections too; the port is free as soon as this returns.
    this.#server.close();
    for (const socket of this.#pending) {
      socket.destroy(new TransportError("closed", "the listener is closed"));
    }
    setImmediate(() => resolve(undefined));
    await promise;
  }

  #accept(socket: Socket): void {
    const { settings, counters } = this.#host;
    if (
      this.#open >= settings.connectionsMax ||
      this.#pending.size >= settings.pendingHandshakesMax
    ) {
      counters.connectionsRefused += 1;
      socket.on("error", () => undefined);
      socket.destroy();
      return;
    }
    const framed = new FramedSocket(socket, {
      // No frame of the user may come before the hello.
      frameBytesMax: 0,
      remote: { host: unmapHost(socket.remoteAddress ?? ""), port: socket.remotePort ?? 0 },
      handler: { onFrame: () => undefined, onGone: () => undefined },
    });
    this.#open += 1;
    this.#pending.add(framed);
    counters.pendingHandshakes += 1;
    socket.once("close", () => (this.#open -= 1));
    void this.#handshake(framed);
  }

  async #handshake(framed: FramedSocket): Promise<void> {
    const { settings, counters } = this.#host;
    let connection: NodeConnection;
    try {
      connection = await receive(framed, settings, this.#frameBytesMax);
    } catch {
      counters.handshakesFailed += 1;
      return;
    } finally {
      counters.pendingHandshakes -= 1;
      this.#pending.delete(framed);
    }
    if (this.#closing !== undefined) {
      connection.destroy(new TransportError("closed", "the listener is closed"));
      return;
    }
    this.#host.adopt(connection);
    try {
      this.#onConnection(connection);
    } catch (error) {
      connection.destroy(new TransportError("aborted", "onConnection threw", { cause: error }));
    }
  }
}
