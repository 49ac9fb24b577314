import type { Clock } from "../../src/index.ts";

/** A clock that stands until it is moved; timers fire in order of their time. */
export interface ManualClock extends Clock {
  /** Moves on and lets everything settle after each timer. */
  advance(ms: number): Promise<void>;
  readonly timers: number;
}

export function createManualClock(startMs = 1_000_000): ManualClock {
  let nowMs = startMs;
  let serial = 0;
  const timers = new Map<number, { readonly atMs: number; readonly call: () => void }>();
  return {
    now: () => nowMs,
    get timers() {
      return timers.size;
    },
    setTimer: (delayMs, call) => {
      const id = ++serial;
      timers.set(id, { atMs: nowMs + delayMs, call });
      return () => timers.delete(id);
    },
    advance: async (ms) => {
      const untilMs = nowMs + ms;
      for (;;) {
        await settle();
        const next = [...timers].sort((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0])[0];
        if (next === undefined || next[1].atMs > untilMs) break;
        timers.delete(next[0]);
        nowMs = Math.max(nowMs, next[1].atMs);
        next[1].call();
      }
      nowMs = untilMs;
      await settle();
    },
  };
}

/** Lets all promises that are ready run to their end. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
