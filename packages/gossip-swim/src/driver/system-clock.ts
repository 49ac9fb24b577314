import type { ClockPort } from "./ports.ts";

/** The clock of this process: monotonic, does not jump when the wall clock is set. */
export function createSystemClock(): ClockPort {
  return {
    now: () => performance.now(),
    setTimer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
}
