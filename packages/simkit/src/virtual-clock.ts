import { assert } from "./internal/assert.ts";

/** Time that moves only when told to, in milliseconds; fractions are allowed. */
export interface VirtualClock {
  now(): number;
  /** Moves to a time that is not in the past. */
  advanceTo(timeMs: number): void;
}

/** A clock standing at `startMs` (default 0). */
export function createVirtualClock(startMs = 0): VirtualClock {
  assert(Number.isFinite(startMs), `bad start time: ${startMs}`);
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advanceTo: (timeMs) => {
      assert(timeMs >= nowMs, `time cannot run back: ${timeMs} < ${nowMs}`);
      nowMs = timeMs;
    },
  };
}
