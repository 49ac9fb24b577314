import type { Clock } from "../clock.ts";
import { REPORT_RETRY_DELAY_MS_MAX, REPORT_RETRY_DELAY_MS_MIN } from "./limits.ts";

/** Pauses that double up to a limit. */
export interface Backoff {
  /** Resolves after the next pause, or at once when `cancel` is called. */
  pause(): Promise<void>;
  /** Ends a pause that is under way. */
  cancel(): void;
}

export function createBackoff(clock: Clock): Backoff {
  let delayMs = REPORT_RETRY_DELAY_MS_MIN;
  let wake: (() => void) | undefined;
  return {
    pause: () =>
      new Promise((resolve) => {
        const cancelTimer = clock.setTimer(delayMs, () => wake?.());
        delayMs = Math.min(delayMs * 2, REPORT_RETRY_DELAY_MS_MAX);
        wake = () => {
          wake = undefined;
          cancelTimer();
          resolve();
        };
      }),
    cancel: () => wake?.(),
  };
}
