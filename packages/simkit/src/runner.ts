import { assert } from "./internal/assert.ts";
import { failuresMaxDefault } from "./limits.ts";

/** How the run of one seed ended. */
export type SeedOutcome =
  | { readonly ok: true; readonly events: number }
  | { readonly ok: false; readonly violation: string };

/** A seed that failed, and why. */
export interface SeedFailure {
  readonly seed: number;
  readonly violation: string;
}

/** What a series of runs found. */
export interface RunSummary {
  readonly name: string;
  /** Seeds that were run. */
  readonly runs: number;
  /** Events of the runs that passed. */
  readonly events: number;
  /** All seeds that failed, counted. */
  readonly failed: number;
  /** The first failing seeds, at most `failuresMax`. */
  readonly failures: readonly SeedFailure[];
}

export interface RunSeedsOptions {
  readonly name: string;
  /** Runs one seed. What it throws counts as a violation. */
  readonly run: (seed: number) => SeedOutcome;
  readonly firstSeed: number;
  /** How many seeds, counted up from the first. */
  readonly count: number;
  /** Failures to list; default 5. */
  readonly failuresMax?: number;
  /** Called after each seed. */
  readonly onProgress?: (progress: {
    readonly seed: number;
    readonly done: number;
    readonly failed: number;
  }) => void;
  /** Asked after each seed; true ends the series early (for a time limit of the caller). */
  readonly shouldStop?: () => boolean;
}

/** Runs seeds one after the other; does not stop at failures. */
export function runSeeds(options: RunSeedsOptions): RunSummary {
  assert(Number.isSafeInteger(options.firstSeed) && options.firstSeed >= 0, "bad first seed");
  assert(Number.isSafeInteger(options.count) && options.count >= 0, "bad count");
  const failures: SeedFailure[] = [];
  const failuresMax = options.failuresMax ?? failuresMaxDefault;
  let runs = 0;
  let events = 0;
  let failed = 0;
  for (let seed = options.firstSeed; seed < options.firstSeed + options.count; seed += 1) {
    const outcome = runOne(options.run, seed);
    runs += 1;
    if (outcome.ok) events += outcome.events;
    else {
      failed += 1;
      if (failures.length < failuresMax) failures.push({ seed, violation: outcome.violation });
    }
    options.onProgress?.({ seed, done: runs, failed });
    if (options.shouldStop?.() === true) break;
  }
  return { name: options.name, runs, events, failed, failures };
}

function runOne(run: (seed: number) => SeedOutcome, seed: number): SeedOutcome {
  try {
    return run(seed);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { ok: false, violation: `threw: ${text}` };
  }
}
