/** Time for the parts of a manager; in production the machine's, in tests one that is moved by hand. */
export interface Clock {
  /** Unix milliseconds. Only differences decide anything; the value itself is stored as a time stamp. */
  now(): number;
  /** Calls once after the delay, unless cancelled by the returned function. */
  setTimer(delayMs: number, call: () => void): () => void;
}
