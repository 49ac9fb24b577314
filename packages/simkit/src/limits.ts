/**
 * Events one `runUntilIdle` or `runUntil` executes at most, unless told otherwise: a simulation that re-arms its timers
 * for ever must end. Failure mode: `runUntilIdle` returns `idle: false`; `runUntil` throws an invariant error.
 */
export const eventsMaxDefault = 5_000_000;

/** Lines one history keeps at most, unless told otherwise. Failure mode: the oldest lines are dropped and counted. */
export const historyLinesMaxDefault = 200_000;

/** Failing seeds a run summary lists, unless told otherwise: the first few are what one replays. */
export const failuresMaxDefault = 5;

/** Bytes of one simulated file at most. Failure mode: the write is refused with an invariant error. */
export const fileBytesMax: number = 256 * 1024 * 1024;

/**
 * States that one check of linearizability visits at most for one part, unless told otherwise: each is kept, at some
 * hundred bytes. Failure mode: the verdict is `undecided`.
 */
export const linearizationStatesMaxDefault = 2_000_000;
