import { checkAddress, formatAddress } from "../address.ts";
import { TransportError } from "../errors.ts";
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
import { MemoryConnection } from "./connection.ts";
import type { Fabric, PortTable } from "./fabric.ts";

/** The transport of one host of a memory network. */
export class MemoryTransport implements Transport {
  readonly #fabric: Fabric;
  readonly #host: string;
  readonly #owned = new Set<{ close(): Promise<void> }>();
  #closed = false;

  constructor(fabric: Fabric, host: string) {
    this.#fabric = fabric;
    this.#host = host;
  }

  async dial(to: Address, options: DialOptions): Promise<Connection> {
    checkAddress(to, 1);
    const protocol = checkProtocolName(options.protocol);
    this.#checkOpen();
    const { signal } = options;
    const outcome = Promise.withResolvers<Connection>();
    const onAbort = (): void => outcome.reject(aborted(signal));
    if (signal?.aborted === true) throw aborted(signal);
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#fabric.afterLatency(this.#host, to.host, () => {
      if (signal?.aborted === true) return;
      try {
        this.#connect(to, protocol, outcome);
      } catch (error) {
        outcome.reject(error);
      }
    });
    try {
      return await outcome.promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  listen(options: ListenOptions): Promise<Listener> {
    return attempt(() => {
      const taken = this.#take(this.#fabric.listeners, options.address, {
        onConnection: (connection: MemoryConnection) => {
          this.#adopt(connection);
          try {
            options.onConnection(connection);
          } catch (error) {
            connection.destroy(
              new TransportError("aborted", "onConnection threw", { cause: error }),
            );
          }
        },
      });
      return this.#own({ address: taken }, () => this.#fabric.listeners.release(taken));
    });
  }

  bind(options: BindOptions): Promise<DatagramSocket> {
    return attempt(() => {
      const { counters, sockets } = this.#fabric;
      const taken = this.#take(sockets, options.address, {
        onDatagram: (datagram) => {
          try {
            options.onDatagram(datagram);
          } catch {
            // As on a real network, what a receiver does wrong never reaches the sender.
            counters.datagramsDropped += 1;
          }
        },
      });
      let open = true;
      const send = (to: Address, data: Uint8Array): void => {
        if (!open) throw new TransportError("closed", "the datagram socket is closed");
        this.#sendDatagram(taken, to, data);
      };
      return this.#own({ address: taken, send }, () => {
        open = false;
        sockets.release(taken);
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#owned].map((owned) => owned.close()));
  }

  #connect(to: Address, protocol: string, outcome: PromiseWithResolvers<Connection>): void {
    const fabric = this.#fabric;
    this.#checkOpen();
    const listener = fabric.listeners.get(to);
    if (!fabric.isUp(this.#host, to.host) || !fabric.isUp(to.host, this.#host)) {
      throw new TransportError("unreachable", `${formatAddress(to)} is cut off`, { address: to });
    }
    if (listener === undefined) {
      throw new TransportError("refused", `nobody listens at ${formatAddress(to)}`, {
        address: to,
      });
    }
    const local = { host: this.#host, port: 0 };
    const near = new MemoryConnection(fabric, { protocol, local, remote: to });
    const far = new MemoryConnection(fabric, { protocol, local: to, remote: local });
    MemoryConnection.join(fabric, near, far);
    this.#adopt(near);
    outcome.promise.catch(() => near.destroy());
    listener.onConnection(far);
    fabric.afterLatency(to.host, this.#host, () => outcome.resolve(near));
  }

  #sendDatagram(from: Address, to: Address, data: Uint8Array): void {
    checkAddress(to, 1);
    const { limits, counters, sockets } = this.#fabric;
    const limit = limits.datagramBytesMax;
    if (data.length > limit) {
      throw new TransportError("datagram-too-large", `a datagram has at most ${limit} bytes`, {
        limit,
        actual: data.length,
      });
    }
    const copy = new Uint8Array(data);
    const lost = this.#fabric.losesDatagram();
    this.#fabric.afterLatency(from.host, to.host, () => {
      const socket = sockets.get(to);
      if (lost || socket === undefined || !this.#fabric.isUp(from.host, to.host)) {
        counters.datagramsDropped += 1;
      } else {
        socket.onDatagram({ from, data: copy });
      }
    });
  }

  #take<T>(table: PortTable<T>, address: Address, entry: T): Address {
    checkAddress(address, 0);
    this.#checkOpen();
    if (address.host !== this.#host) {
      throw new TransportError("address-unavailable", `this host is ${this.#host}`, { address });
    }
    const taken = table.take(address, entry);
    if (taken === undefined) {
      throw new TransportError("address-in-use", `${formatAddress(address)} is taken`, { address });
    }
    return taken;
  }

  #adopt(connection: MemoryConnection): void {
    this.#owned.add(connection);
    void connection.closed.then(() => this.#owned.delete(connection));
  }

  #own<T extends object>(parts: T, release: () => void): T & { close(): Promise<void> } {
    const owned = {
      ...parts,
      close: () => {
        if (this.#owned.delete(owned)) release();
        return Promise.resolve();
      },
    };
    this.#owned.add(owned);
    return owned;
  }

  #checkOpen(): void {
    if (this.#closed) throw new TransportError("closed", "the transport is closed");
  }
}

/** Runs at once; what it throws rejects the promise. */
function attempt<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}

function aborted(signal: AbortSignal | undefined): TransportError {
  return new TransportError("aborted", "the dial was aborted", { cause: signal?.reason });
}
