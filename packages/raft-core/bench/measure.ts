import { Bench } from "tinybench";
import type { BenchCase } from "./bench-case.ts";

const WARM_UP_PART = 0.25;
/** Small against the young generation, so that nothing is collected within a burst of calls. */
const BURST_BYTES = 256 * 1024;
const BURST_CALLS_MAX = 32;
const BURSTS = 5;

/** By what a run is timed. */
export type Clock = "wall" | "cpu";

/** What one row of the table says. */
export interface Measurement {
  readonly name: string;
  readonly operationsPerSecond: number;
  /** Of the mean, in percent, with 95 % confidence. */
  readonly marginPercent: number;
  readonly bytesPerOperation: number;
  readonly details: Readonly<Record<string, number>>;
  readonly comparedWith: string | undefined;
}

/** Milliseconds of this process's own work, its threads for collecting and compiling included. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Runs a case for `timeMs`, after a quarter of that to warm up, and then looks at what it allocates. */
export function measure(of: BenchCase, timeMs: number, clock: Clock): Measurement {
  const bench = new Bench({
    time: timeMs,
    warmupTime: timeMs * WARM_UP_PART,
    iterations: 1,
    warmupIterations: 1,
    throws: true,
    now: clock === "wall" ? (): number => performance.now() : cpuMs,
  });
  bench.add(of.name, () => of.run());
  bench.runSync();
  const result = bench.tasks[0]?.result;
  if (result?.state !== "completed") throw new Error(`${of.name} did not complete`);
  return {
    name: of.name,
    operationsPerSecond: (of.operationsPerCall * 1_000) / result.period,
    marginPercent: result.latency.rme,
    bytesPerOperation: allocatedPerCall(of) / of.operationsPerCall,
    details: of.details?.() ?? {},
    comparedWith: of.comparedWith,
  };
}

/**
 * How much the heap and the buffers outside of it grow in a burst of calls after a full collection: the median of several
 * bursts, each too short for a collection of its own, less what measuring itself allocates. One call that allocates more
 * than a burst may have something collected in it, and then shows too little.
 */
function allocatedPerCall(of: BenchCase): number {
  const idle = median(Array.from({ length: BURSTS }, () => growth(of, 0)));
  const once = Math.max(1, growth(of, 1) - idle);
  const calls = Math.min(BURST_CALLS_MAX, Math.ceil(BURST_BYTES / once));
  const grown = median(Array.from({ length: BURSTS }, () => growth(of, calls)));
  return Math.max(0, grown - idle) / calls;
}

function growth(of: BenchCase, calls: number): number {
  // The second waits until the buffers that the first has found dead are counted as gone.
  globalThis.gc?.();
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let done = 0; done < calls; done += 1) of.run();
  const after = process.memoryUsage();
  return after.heapUsed + after.external - before.heapUsed - before.external;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
