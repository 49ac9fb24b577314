import { expect, test } from "vitest";
import { runSeeds, type SeedOutcome } from "../src/runner.ts";

const oddFails = (seed: number): SeedOutcome =>
  seed % 2 === 0 ? { ok: true, events: 10 } : { ok: false, violation: `odd ${seed}` };

test("the summary counts runs and lists the first failing seeds", () => {
  const summary = runSeeds({
    name: "odd",
    run: oddFails,
    firstSeed: 10,
    count: 10,
    failuresMax: 2,
  });
  expect(summary).toEqual({
    name: "odd",
    runs: 10,
    events: 50,
    failed: 5,
    failures: [
      { seed: 11, violation: "odd 11" },
      { seed: 13, violation: "odd 13" },
    ],
  });
});

test("what a run throws is a violation", () => {
  const run = (): SeedOutcome => {
    throw new TypeError("boom");
  };
  const summary = runSeeds({ name: "throws", run, firstSeed: 0, count: 1 });
  expect(summary.failures[0]!.violation).toContain("TypeError: boom");
});

test("progress is told and the caller can end the series", () => {
  const seen: number[] = [];
  const summary = runSeeds({
    name: "stop",
    run: oddFails,
    firstSeed: 0,
    count: 100,
    onProgress: ({ seed }) => seen.push(seed),
    shouldStop: () => seen.length === 3,
  });
  expect(seen).toEqual([0, 1, 2]);
  expect(summary.runs).toBe(3);
});
