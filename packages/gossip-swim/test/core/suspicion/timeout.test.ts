import { expect, test } from "vitest";
import { suspicionBounds, suspicionTimeoutMs } from "../../../src/core/suspicion/timeout.ts";
import { presetConfig } from "../../../src/index.ts";

test("the time falls with the logarithm of the confirmations (Lifeguard, section IV-B)", () => {
  const bounds = { minMs: 2000, maxMs: 30_000, confirmationsMax: 3 };
  const times = [0, 1, 2, 3, 9].map((count) => suspicionTimeoutMs(bounds, count));
  expect(times).toEqual([30_000, 16_000, 7810, 2000, 2000]);
});

test("bounds grow with the logarithm of the cluster", () => {
  const lan = presetConfig("lan");
  expect(suspicionBounds(5, lan)).toEqual({ minMs: 3000, maxMs: 12_000, confirmationsMax: 2 });
  expect(suspicionBounds(1000, lan)).toMatchObject({ minMs: 9000, maxMs: 36_000 });
});

test("where nobody can confirm, the minimum holds at once", () => {
  const bounds = suspicionBounds(3, presetConfig("lan"));
  expect(bounds).toEqual({ minMs: 3000, maxMs: 3000, confirmationsMax: 0 });
  expect(suspicionTimeoutMs(bounds, 0)).toBe(3000);
});
