import { runSeeds } from "@waggle/simkit";
import { expect, test } from "vitest";
import { runSwimSeed, traceSwimSeed } from "./swim-simulation.ts";

test("200 seeds: joins converge, no sound member is declared dead, partitions and restarts heal", () => {
  const summary = runSeeds({ name: "swim", run: runSwimSeed, firstSeed: 1, count: 200 });
  expect(summary.failures).toEqual([]);
  expect(summary.runs).toBe(200);
});

test("the same seed gives the same history, to the bit", () => {
  for (const seed of [3, 17]) expect(traceSwimSeed(seed)).toEqual(traceSwimSeed(seed));
  expect(traceSwimSeed(3)).not.toEqual(traceSwimSeed(17));
});
