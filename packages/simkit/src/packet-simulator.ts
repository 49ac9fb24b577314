import { assert } from "./internal/assert.ts";
import { noNetworkFaults, type NetworkFaults } from "./fault-plan.ts";
import type { Random } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";

/** What became of packets since the start. */
export interface PacketCounts {
  readonly sent: number;
  readonly delivered: number;
  /** Lost by chance. */
  readonly lost: number;
  readonly duplicated: number;
  /** Cut by a partition, at sending or on the way. */
  readonly cut: number;
  /** Arrived at a node that is not attached. */
  readonly unreachable: number;
}

/** A network of named nodes that carries packets it does not look into. */
export interface PacketSimulator<P> {
  /** Makes a node receive. A second call replaces the first receiver. Returns the detach. */
  attach(node: string, receive: (packet: P, from: string) => void): () => void;
  /** Sends a packet; it arrives later, or never. The packet must not be changed afterwards. */
  send(from: string, to: string, packet: P): void;
  /** Sets the faults of one direction of one link; the rest keep the defaults. */
  setLink(from: string, to: string, faults: Partial<NetworkFaults>): void;
  /** Sets the faults of every link that has no own. */
  setDefaults(faults: Partial<NetworkFaults>): void;
  /** Cuts one direction of one link; packets under way are lost too, but late ones. */
  cut(from: string, to: string): void;
  /** Heals one direction of one link. */
  mend(from: string, to: string): void;
  /** Cuts all links between two groups: both directions, or only from the first to the second. */
  partition(first: readonly string[], second: readonly string[], way?: "one-way" | "two-way"): void;
  /** Heals every cut. */
  heal(): void;
  /** Whether a packet sent now in this direction could arrive. */
  isCut(from: string, to: string): boolean;
  counts(): PacketCounts;
}

export interface PacketSimulatorOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Faults of every link; what is left out is as in `noNetworkFaults`. */
  readonly faults?: Partial<NetworkFaults>;
}

/** A network without nodes. */
export function createPacketSimulator<P>(options: PacketSimulatorOptions): PacketSimulator<P> {
  return new Network<P>(options);
}

interface Link {
  faults: NetworkFaults | undefined;
  cut: boolean;
  /** When the last packet that keeps its order arrives. */
  lastArrivalMs: number;
}

interface Flight<P> {
  readonly from: string;
  readonly to: string;
  readonly packet: P;
  readonly link: Link;
  /** Held up somewhere beyond the reach of a cut. */
  readonly isLate: boolean;
}

type MutableCounts = { -readonly [K in keyof PacketCounts]: number };

class Network<P> implements PacketSimulator<P> {
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  /** Apart from the rest, so that late packets leave the others' numbers alone. */
  readonly #lateness: Random;
  readonly #links = new Map<string, Map<string, Link>>();
  readonly #receivers = new Map<string, (packet: P, from: string) => void>();
  readonly #counts: MutableCounts = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    cut: 0,
    unreachable: 0,
  };
  #defaults: NetworkFaults;

  constructor(options: PacketSimulatorOptions) {
    this.#scheduler = options.scheduler;
    this.#random = options.random;
    this.#lateness = options.random.fork("late");
    this.#defaults = validFaults({ ...noNetworkFaults, ...options.faults });
  }

  attach(node: string, receive: (packet: P, from: string) => void): () => void {
    this.#receivers.set(node, receive);
    return () => {
      if (this.#receivers.get(node) === receive) this.#receivers.delete(node);
    };
  }

  send(from: string, to: string, packet: P): void {
    this.#counts.sent += 1;
    const link = this.#link(from, to);
    const faults = link.faults ?? this.#defaults;
    // All are drawn for every packet, so that one fault less leaves the others' numbers alone.
    const lost = this.#random.chance(faults.loss);
    const twice = this.#random.chance(faults.duplication);
    const overtakes = this.#random.chance(faults.reordering);
    const delayMs = this.#delayMs(faults);
    const secondDelayMs = this.#delayMs(faults);
    if (link.cut) this.#counts.cut += 1;
    else if (lost) this.#counts.lost += 1;
    else {
      const inOrderMs = Math.max(delayMs, link.lastArrivalMs - this.#scheduler.now());
      const lateMs = this.#lateMs(faults);
      const keepsOrder = !overtakes && lateMs === 0;
      if (keepsOrder) link.lastArrivalMs = this.#scheduler.now() + inOrderMs;
      const flight = { from, to, packet, link, isLate: lateMs > 0 };
      this.#deliverLater(flight, keepsOrder ? inOrderMs : delayMs + lateMs);
      if (!twice) return;
      this.#counts.duplicated += 1;
      this.#deliverLater({ ...flight, isLate: false }, secondDelayMs);
    }
  }

  setLink(from: string, to: string, faults: Partial<NetworkFaults>): void {
    this.#link(from, to).faults = validFaults({ ...this.#defaults, ...faults });
  }

  setDefaults(faults: Partial<NetworkFaults>): void {
    this.#defaults = validFaults({ ...this.#defaults, ...faults });
  }

  cut(from: string, to: string): void {
    this.#link(from, to).cut = true;
  }

  mend(from: string, to: string): void {
    this.#link(from, to).cut = false;
  }

  partition(
    first: readonly string[],
    second: readonly string[],
    way: "one-way" | "two-way" = "two-way",
  ): void {
    for (const one of first)
      for (const other of second) {
        this.cut(one, other);
        if (way === "two-way") this.cut(other, one);
      }
  }

  heal(): void {
    for (const row of this.#links.values()) for (const link of row.values()) link.cut = false;
  }

  isCut(from: string, to: string): boolean {
    return this.#links.get(from)?.get(to)?.cut ?? false;
  }

  counts(): PacketCounts {
    return { ...this.#counts };
  }

  #deliverLater(flight: Flight<P>, delayMs: number): void {
    this.#scheduler.schedule(delayMs, () => {
      const receive = this.#receivers.get(flight.to);
      if (flight.link.cut && !flight.isLate) this.#counts.cut += 1;
      else if (receive === undefined) this.#counts.unreachable += 1;
      else {
        this.#counts.delivered += 1;
        receive(flight.packet, flight.from);
      }
    });
  }

  #delayMs(faults: NetworkFaults): number {
    const extraMs = faults.delayMsMean - faults.delayMsMin;
    const drawn = this.#random.next();
    return faults.delayMsMin - extraMs * Math.log(1 - drawn);
  }

  #lateMs({ late, lateMsMean }: NetworkFaults): number {
    if (late === 0 || !this.#lateness.chance(late)) return 0;
    return -lateMsMean * Math.log(1 - this.#lateness.next());
  }

  #link(from: string, to: string): Link {
    let row = this.#links.get(from);
    if (row === undefined) {
      row = new Map();
      this.#links.set(from, row);
    }
    let link = row.get(to);
    if (link === undefined) {
      link = { faults: undefined, cut: false, lastArrivalMs: 0 };
      row.set(to, link);
    }
    return link;
  }
}

function validFaults(faults: NetworkFaults): NetworkFaults {
  for (const share of [faults.loss, faults.duplication, faults.reordering, faults.late])
    assert(share >= 0 && share <= 1, `not a probability: ${share}`);
  assert(faults.delayMsMin >= 0, `bad delay: ${faults.delayMsMin}`);
  assert(faults.delayMsMean >= faults.delayMsMin, "the mean delay is below the least delay");
  assert(faults.lateMsMean >= 0, `bad lateness: ${faults.lateMsMean}`);
  return faults;
}
