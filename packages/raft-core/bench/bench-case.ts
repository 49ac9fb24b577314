/** One row of the benchmark's table. */
export interface BenchCase {
  /** Unique; what `--filter` looks into. */
  readonly name: string;
  /** How many of the operations that the row counts one `run()` does. */
  readonly operationsPerCall: number;
  /** Does them; synchronous, and the same work on every call. */
  run(): void;
  /** Name of an earlier row against which this one's speed is given as a ratio. */
  readonly comparedWith?: string;
  /** Further figures of all the calls so far, by name. */
  details?(): Readonly<Record<string, number>>;
}
