import { expect, test } from "vitest";
import { backoffMs } from "../../src/session/backoff.ts";

test("the first retry is immediate, then the pause doubles from 100 ms to 8 s", () => {
  const longest = Array.from({ length: 11 }, (_, failures) => backoffMs(failures, () => 1));
  expect(longest).toEqual([0, 0, 100, 200, 400, 800, 1600, 3200, 6400, 8000, 8000]);
  expect(backoffMs(1e6, () => 1)).toBe(8000);
});

test("jitter takes at most half of the pause", () => {
  expect(backoffMs(5, () => 0)).toBe(400);
});
