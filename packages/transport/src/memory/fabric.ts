import type { TransportLimits } from "../options.ts";
import type { Address, Datagram } from "../transport.ts";
import type { MemoryConnection } from "./connection.ts";

/** What the parts of a memory network share: who listens where, which links are up, and the clock. */
export interface Fabric {
  readonly limits: TransportLimits;
  readonly listeners: PortTable<MemoryListenerEntry>;
  readonly sockets: PortTable<MemorySocketEntry>;
  readonly connections: Set<MemoryConnection>;
  readonly counters: { datagramsDropped: number };
  /** Whether bytes travel between the two hosts now. */
  isUp(from: string, to: string): boolean;
  /** Runs after the one-way delay between the two hosts. */
  afterLatency(from: string, to: string, run: () => void): void;
  /** Decides whether the next datagram is lost. */
  losesDatagram(): boolean;
}

/** A listener as the dialer finds it. */
export interface MemoryListenerEntry {
  readonly onConnection: (connection: MemoryConnection) => void;
}

/** A bound datagram socket as the sender finds it. */
export interface MemorySocketEntry {
  readonly onDatagram: (datagram: Datagram) => void;
}

/** First port given out when port 0 is asked. */
const PORT_FIRST = 40_000;

/** Who holds which port of which host. */
export class PortTable<T> {
  readonly #byAddress = new Map<string, T>();
  readonly #nextPort = new Map<string, number>();

  /** Takes a port, or the next free one for port 0; nothing when it is taken or none is left. */
  take(address: Address, entry: T): Address | undefined {
    const port = address.port === 0 ? this.#freePort(address.host) : address.port;
    if (port === undefined || this.get({ host: address.host, port }) !== undefined)
      return undefined;
    this.#byAddress.set(`${address.host} ${port}`, entry);
    return { host: address.host, port };
  }

  get(address: Address): T | undefined {
    return this.#byAddress.get(`${address.host} ${address.port}`);
  }

  release(address: Address): void {
    this.#byAddress.delete(`${address.host} ${address.port}`);
  }

  #freePort(host: string): number | undefined {
    const start = this.#nextPort.get(host) ?? PORT_FIRST;
    for (let offset = 0; offset <= 65_535 - PORT_FIRST; offset++) {
      const port = PORT_FIRST + ((start - PORT_FIRST + offset) % (65_536 - PORT_FIRST));
      if (this.get({ host, port }) !== undefined) continue;
      this.#nextPort.set(host, port + 1 > 65_535 ? PORT_FIRST : port + 1);
      return port;
    }
    return undefined;
  }
}
