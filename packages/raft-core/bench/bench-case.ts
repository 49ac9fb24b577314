/** One row of the benchmark's table. */
export interface BenchCase {
  /** Unique; what `--filter` looks into. */
  readonly name: string;
  /** How many of the operations that the row counts one `run()` does. */
  readonly operationsPerCall: number;
  /** Does them; synchronous, and the same work on every call. */
  run(): void;
  /** Name of the row against which this one's speed is given as a ratio. */
  readonly comparedWith?: string;
}
