/** Where time comes from. Tests give a virtual one. */
export interface Clock {
  /** Milliseconds that never go back; only differences count. */
  now(): number;
  /** Runs `run` once after `delayMs` milliseconds, never inside this call. Returns how to take it back. */
  setTimer(delayMs: number, run: () => void): () => void;
}

/** Resolves when `work` does, or after `timeoutMs`. */
export async function atMost(
  clock: Clock,
  timeoutMs: number,
  work: Promise<unknown>,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = clock.setTimer(timeoutMs, () => {
    resolve(undefined);
  });
  try {
    await Promise.race([work, promise]);
  } finally {
    cancel();
  }
}

/** Resolves after `delayMs`. */
export function after(clock: Clock, delayMs: number): Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  clock.setTimer(delayMs, () => {
    resolve(undefined);
  });
  return promise;
}

/** The clock of this machine. Its timers keep the process alive, so a node does until it is stopped. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};
