/** Something that will happen once, unless cancelled. */
export interface AgentTimer {
  /** Idempotent; without effect once the timer has run. */
  cancel(): void;
}

/** Time as the agent sees it. Tests bring their own. */
export interface AgentClock {
  /** Unix milliseconds. */
  now(): number;
  /** Runs `run` once after `delayMs`. */
  setTimer(delayMs: number, run: () => void): AgentTimer;
}

/** The machine's clock. Its timers do not keep the process alive. */
export function createSystemClock(): AgentClock {
  return {
    now: () => Date.now(),
    setTimer: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
