import { expect, it } from "vitest";
import { Pace } from "../../../src/file/vfs/pace.ts";
import {
  BLOCKING_PAUSE_MS,
  BLOCKING_PAUSE_MS_MAX,
  BLOCKING_SAMPLES,
  BLOCKING_STALL_MS,
} from "../../../src/index.ts";

function feed(pace: Pace, tookMs: readonly number[], nowMs: number): void {
  for (const took of tookMs) pace.took(took, nowMs);
}
const fast = Array.from({ length: BLOCKING_SAMPLES }, () => 0.2);
const slow = Array.from({ length: BLOCKING_SAMPLES }, () => 2.5);

it("stays as it is told", () => {
  for (const mode of ["blocking", "background"] as const) {
    const pace = new Pace(mode);
    feed(pace, [...fast, ...slow, 100], 0);
    expect(pace.blocking).toBe(mode === "blocking");
  }
});

it("calls a fast disk on the spot, and never a slow one", () => {
  const pace = new Pace("auto");
  expect(pace.blocking).toBe(false);
  feed(pace, slow, 0);
  expect(pace.blocking).toBe(false);
  feed(pace, fast.slice(1), 0);
  expect(pace.blocking).toBe(false);
  // What waited for our own event loop does not count against the disk.
  feed(pace, [30], 0);
  expect(pace.blocking).toBe(true);
});

it("gives way at a stall, for longer each time, and forgets after a calm while", () => {
  const pace = new Pace("auto");
  const stallAt = (nowMs: number): void => {
    feed(pace, fast, nowMs);
    expect(pace.blocking, `at ${nowMs}`).toBe(true);
    pace.took(BLOCKING_STALL_MS, nowMs);
    expect(pace.blocking).toBe(false);
  };
  let nowMs = BLOCKING_PAUSE_MS_MAX + 1;
  stallAt(nowMs);
  for (const pauseMs of [1, 2, 4, 8, 16, 32, 60, 60].map((times) => times * BLOCKING_PAUSE_MS)) {
    feed(pace, fast, nowMs + pauseMs - 1);
    expect(pace.blocking, `before ${pauseMs} are over`).toBe(false);
    nowMs += pauseMs;
    stallAt(nowMs);
  }
  nowMs += 3 * BLOCKING_PAUSE_MS_MAX;
  stallAt(nowMs);
  stallAt(nowMs + BLOCKING_PAUSE_MS);
});
