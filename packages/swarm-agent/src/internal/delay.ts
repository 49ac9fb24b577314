import type { AgentClock } from "../clock.ts";

/** Resolves after `delayMs`, or at once when `signal` is aborted; never rejects. */
export function delay(clock: AgentClock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      signal.removeEventListener("abort", end);
      timer.cancel();
      resolve();
    };
    const timer = clock.setTimer(delayMs, end);
    signal.addEventListener("abort", end, { once: true });
  });
}
