// A worker of `npm run soak`: runs the seeds that it is sent, some at a time, and sends back what came of them.
import { parentPort } from "node:worker_threads";
import { runSeeds } from "../packages/simkit/src/index.ts";
import { simulations } from "./simulations.ts";
import type { SimulationName } from "./simulations.ts";

/** Seeds to run. */
export interface SoakOrder {
  readonly name: SimulationName;
  readonly first: number;
  readonly count: number;
}

/** What came of them. */
export interface SoakReport extends SoakOrder {
  readonly failures: readonly { readonly seed: number; readonly violation: string }[];
  readonly coverage: ReadonlyMap<string, number>;
}

function run({ name, first, count }: SoakOrder): SoakReport {
  const coverage = new Map<string, number>();
  const { failures } = runSeeds({
    name,
    run: (seed) => {
      const outcome = simulations[name].run(seed);
      for (const [what, by] of outcome.facts?.coverage ?? [])
        coverage.set(what, (coverage.get(what) ?? 0) + by);
      return outcome;
    },
    firstSeed: first,
    count,
    failuresMax: count,
  });
  return { name, first, count, failures, coverage };
}

parentPort?.on("message", (order: SoakOrder) => {
  parentPort?.postMessage(run(order));
});
