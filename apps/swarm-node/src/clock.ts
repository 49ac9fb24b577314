/** Time for the parts of a node: two readings and timers. */
export interface Clock {
  /** Monotonic milliseconds, for delays. */
  readonly now: () => number;
  /** Calls once after the delay, unless cancelled by the returned function. */
  readonly setTimer: (delayMs: number, call: () => void) => () => void;
}

/** The machine's own time. Timers do not keep the process alive: the listener and the API do. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Unix milliseconds, for what is stored and shown. */
export const wallClock: Clock = { ...systemClock, now: () => Date.now() };
