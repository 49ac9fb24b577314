import { expect, test } from "vitest";
import { EXPECTED_COVERAGE, addCoverage } from "./coverage.ts";
import type { Coverage } from "./coverage.ts";
import { PROFILES } from "./profile.ts";
import { runRaftSeed, traceRaftSeed } from "./raft-simulation.ts";

const SEEDS = 300;
const REPLAY = "npm run soak -- --only raft --replay";

test(`${SEEDS} seeds: safe under faults, alive after them, and nothing left out`, () => {
  const failures: string[] = [];
  const coverage: Coverage = new Map();
  for (let seed = 0; seed < SEEDS; seed += 1) {
    const result = runRaftSeed(seed);
    addCoverage(coverage, result.facts.coverage);
    if (!result.ok) failures.push(`${REPLAY} ${seed}: ${result.violation}`);
  }
  expect(failures).toEqual([]);
  expect(EXPECTED_COVERAGE.filter((name) => !coverage.has(name))).toEqual([]);
  // Takes seconds on an idle core; the limit is for machines that do a lot else.
}, 180_000);

test("a seed gives the same run twice, event by event", () => {
  for (let seed = 1_000; seed < 1_000 + 2 * PROFILES.length; seed += 1) {
    const { profile, digest } = runRaftSeed(seed).facts;
    const again = runRaftSeed(seed).facts;
    expect([seed, again.profile, again.digest]).toEqual([seed, profile, digest]);
  }
  const trace = traceRaftSeed(3);
  expect(trace.length).toBeGreaterThan(100);
  expect(traceRaftSeed(3)).toEqual(trace);
}, 60_000);
