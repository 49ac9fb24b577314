/** One committed proposal. */
export interface AppliedEntry {
  readonly index: number;
  readonly data: Uint8Array;
}

/** What the group replicates. All members feed theirs the same entries in the same order. */
export interface StateMachine {
  /**
   * Applies entries in order and returns one result for each; results reach only the proposer on this node. Must be
   * deterministic. What it throws stops the node: a member that cannot apply what the others applied is no replica.
   */
  apply(entries: readonly AppliedEntry[]): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * The state as of this call, as bytes. Called between two `apply` calls; read while later entries are being applied,
   * which it must not show: take hold of the state in the call itself, since the body of a generator runs only when it is
   * read.
   */
  snapshot(): AsyncIterable<Uint8Array>;
  /** Replaces the whole state by a snapshot that holds everything up to and with `index`. */
  restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}
