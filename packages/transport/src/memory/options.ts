import { TransportError } from "../errors.ts";
import type { TransportLimits } from "../options.ts";

/** How the memory network waits; a simulation gives its own virtual clock. */
export interface MemoryTimers {
  /** Runs `run` once after `delayMs` milliseconds, never inside this call. */
  schedule(delayMs: number, run: () => void): void;
}

/** Options of {@link createMemoryNetwork}. */
export interface MemoryNetworkOptions {
  /** One-way delay in milliseconds, constant or by pair of hosts. Default 0. Streams keep their order. */
  readonly latencyMs?: number | ((from: string, to: string) => number);
  /** Share of datagrams that get lost, 0 to 1. Default 0. Streams lose nothing. */
  readonly lossRate?: number;
  /** Numbers in [0, 1) that decide about loss. Default: a generator with a fixed seed, so that runs repeat. */
  readonly random?: () => number;
  /** Default: a microtask for delay 0, else `setTimeout`. */
  readonly timers?: MemoryTimers;
  /** Limits of every transport of this network; the defaults are those of the real one. */
  readonly limits?: Partial<TransportLimits>;
}

/** Options of `MemoryNetwork.partition`. */
export interface PartitionOptions {
  /**
   * What happens to connections across the cut: `break` ends them at once, as when timeouts have long run out; `stall`
   * holds their frames until the network heals, as TCP does in a short outage. Default `break`.
   */
  readonly connections?: "break" | "stall";
}

/** Checks the options together. @throws TransportError `invalid-argument`. */
export function checkMemoryOptions(options: MemoryNetworkOptions): void {
  const { lossRate = 0, latencyMs = 0 } = options;
  if (!(lossRate >= 0 && lossRate <= 1)) {
    throw new TransportError("invalid-argument", `lossRate is from 0 to 1, not ${lossRate}`);
  }
  if (typeof latencyMs === "number" && !(latencyMs >= 0 && latencyMs < Infinity)) {
    throw new TransportError("invalid-argument", `latencyMs is 0 or more, not ${latencyMs}`);
  }
}

/** The default timers: microtasks where there is no delay, so that delivery order is the order of sending. */
export const systemTimers: MemoryTimers = {
  schedule(delayMs, run) {
    if (delayMs <= 0) queueMicrotask(run);
    else setTimeout(run, delayMs);
  },
};

/** A small seeded generator (xorshift, 32 bits): enough to decide about loss, and the same on every run. */
export function createLossGenerator(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
