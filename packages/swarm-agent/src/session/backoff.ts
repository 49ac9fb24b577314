import { SESSION_BACKOFF_MS_MAX, SESSION_BACKOFF_MS_MIN } from "../limits.ts";

/**
 * How long to wait before the next attempt. The first retry is immediate: when a manager dies, its workers are to be with
 * another one at once. From the second failure on the pause doubles; it is drawn from its upper half, so that many workers
 * do not come at the same moment.
 */
export function backoffMs(failuresInARow: number, random: () => number): number {
  if (failuresInARow <= 1) return 0;
  const exponent = Math.min(failuresInARow - 2, 30);
  const full = Math.min(SESSION_BACKOFF_MS_MIN * 2 ** exponent, SESSION_BACKOFF_MS_MAX);
  return full * (0.5 + random() / 2);
}
