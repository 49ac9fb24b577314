/** A file below `src`, a text that occurs exactly once in it, and what to put in its place. */
export type Edit = readonly [file: string, search: string, replacement: string];

/** A mistake that somebody could make, and that a test of the same name catches. */
export interface Fault {
  /** Title of its test, which may go on after it. */
  readonly name: string;
  /** One of the 28 that a mutation study saw all data-driven files of etcd raft let pass. */
  readonly missedByGoldens?: true;
  /** More than one where the code guards twice. */
  readonly edits: readonly Edit[];
}
