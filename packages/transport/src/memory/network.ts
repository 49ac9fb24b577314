import { resolveLimits } from "../options.ts";
import type { Transport } from "../transport.ts";
import type { MemoryConnection } from "./connection.ts";
import type { Fabric, MemoryListenerEntry, MemorySocketEntry } from "./fabric.ts";
import { PortTable } from "./fabric.ts";
import type { MemoryNetworkOptions, PartitionOptions } from "./options.ts";
import { checkMemoryOptions, createLossGenerator, systemTimers } from "./options.ts";
import { MemoryTransport } from "./transport.ts";

/** Counters of a memory network since it was made. */
export interface MemoryNetworkStats {
  /** Connection ends that are open now; two for each connection. */
  readonly connectionEnds: number;
  /** Datagrams lost by `lossRate`, by a partition, for want of a receiver, or because the receiver threw. */
  readonly datagramsDropped: number;
}

/** A network inside one process. */
export interface MemoryNetwork {
  /** A transport for a host; it listens under that name only. May be called again for a host that has come back. */
  transport(host: string): Transport;
  /**
   * Lets hosts reach each other only inside their group; hosts in no group form one together. Replaces an earlier
   * partition. Datagrams across are lost and dials fail with `unreachable`.
   */
  partition(groups: readonly (readonly string[])[], options?: PartitionOptions): void;
  /** Ends the partition; stalled connections go on. */
  heal(): void;
  stats(): MemoryNetworkStats;
}

/**
 * Makes a network inside this process.
 * @throws TransportError `invalid-argument`.
 */
export function createMemoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  checkMemoryOptions(options);
  return new Network(options);
}

class Network implements MemoryNetwork {
  readonly #fabric: Fabric;
  #groupOf: ReadonlyMap<string, number> = new Map();

  constructor(options: MemoryNetworkOptions) {
    const { latencyMs = 0, lossRate = 0, timers = systemTimers } = options;
    const random = options.random ?? createLossGenerator(1);
    this.#fabric = {
      limits: resolveLimits(options.limits),
      listeners: new PortTable<MemoryListenerEntry>(),
      sockets: new PortTable<MemorySocketEntry>(),
      connections: new Set<MemoryConnection>(),
      counters: { datagramsDropped: 0 },
      isUp: (from, to) => this.#groupOf.get(from) === this.#groupOf.get(to),
      afterLatency: (from, to, run) =>
        timers.schedule(typeof latencyMs === "number" ? latencyMs : latencyMs(from, to), run),
      losesDatagram: () => lossRate > 0 && random() < lossRate,
    };
  }

  transport(host: string): Transport {
    return new MemoryTransport(this.#fabric, host);
  }

  partition(groups: readonly (readonly string[])[], options: PartitionOptions = {}): void {
    this.#groupOf = new Map(groups.flatMap((hosts, group) => hosts.map((host) => [host, group])));
    if (options.connections === "stall") {
      this.#resume();
      return;
    }
    for (const connection of [...this.#fabric.connections]) {
      if (!this.#fabric.isUp(connection.local.host, connection.remote.host)) {
        connection.breakOff("the network between the two sides is cut");
      }
    }
    this.#resume();
  }

  heal(): void {
    this.#groupOf = new Map();
    this.#resume();
  }

  stats(): MemoryNetworkStats {
    return {
      connectionEnds: this.#fabric.connections.size,
      datagramsDropped: this.#fabric.counters.datagramsDropped,
    };
  }

  #resume(): void {
    for (const connection of [...this.#fabric.connections]) connection.resume();
  }
}
