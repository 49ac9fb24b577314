import { expect, test } from "vitest";
import { runRaftSeed, traceRaftSeed } from "./raft-simulation.ts";

const SEEDS = 200;
const REPLAY = "node --conditions=@waggle/source packages/raft-core/test/simulation/replay.ts";

test(`${SEEDS} seeds: safe under faults, alive after them`, () => {
  const failures: string[] = [];
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const result = runRaftSeed(seed);
    if (!result.ok) failures.push(`${REPLAY} ${seed}: ${result.violation}`);
  }
  expect(failures).toEqual([]);
  // Takes seconds on an idle core; the limit is for machines that do a lot else.
}, 180_000);

test("a seed gives the same run twice", () => {
  for (const seed of [3, 17]) {
    const trace = traceRaftSeed(seed);
    expect(trace.length).toBeGreaterThan(100);
    expect(traceRaftSeed(seed)).toEqual(trace);
  }
});
