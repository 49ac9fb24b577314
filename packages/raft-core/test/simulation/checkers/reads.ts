import type { NodeId } from "../../../src/index.ts";
import type { CommitChecker } from "./commits.ts";
import { Violation } from "./violation.ts";

/** Linearizability of reads: an answer shows all that was committed when it was asked for. */
export class ReadChecker {
  readonly #commits: CommitChecker;

  constructor(commits: CommitChecker) {
    this.#commits = commits;
  }

  /** What the answer to a read that is asked now must show at least. */
  asked(): number {
    return this.#commits.last;
  }

  answered(id: NodeId, index: number, least: number): void {
    if (index < least)
      throw new Violation(
        `stale read: ${id} may read at ${index}, ${least} was committed before it asked`,
      );
    if (index > this.#commits.last)
      throw new Violation(`${id} may read at ${index}, which nobody committed`);
  }
}
