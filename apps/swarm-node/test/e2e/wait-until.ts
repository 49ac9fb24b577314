import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 50;

/**
 * Asks until `probe` gives a value, and returns it. When the time runs out it throws with what was waited for and the
 * last thing that was seen: an error, or whatever `describe` says.
 */
export async function waitUntil<T>(
  what: string,
  probe: () => Promise<T | undefined> | T | undefined,
  options: { readonly timeoutMs: number; readonly describe?: () => Promise<string> },
): Promise<T> {
  const deadline = performance.now() + options.timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > deadline) break;
    await sleep(POLL_MS);
  }
  const seen =
    lastError === undefined
      ? await options.describe?.()
      : lastError instanceof Error
        ? lastError.message
        : JSON.stringify(lastError);
  throw new Error(
    `waited ${options.timeoutMs} ms for ${what}${seen === undefined ? "" : `; last seen: ${seen}`}`,
    {
      cause: lastError,
    },
  );
}
