import type { NodeId } from "../../../src/index.ts";
import type { CommitChecker } from "./commits.ts";
import { Violation } from "./violation.ts";

/** Linearizability of reads: an answer shows all that was committed when it was asked for. */
export class ReadChecker {
  readonly #commits: CommitChecker;
  /** A lease lets a read be as old as this; 0 with confirmed reads. */
  readonly #staleMs: number;
  /** The highest committed index by time, ascending. */
  readonly #timeline: { readonly atMs: number; readonly index: number }[] = [];

  constructor(commits: CommitChecker, staleMs: number) {
    this.#commits = commits;
    this.#staleMs = staleMs;
  }

  /** What the answer to a read that is asked now must show at least. */
  asked(nowMs: number): number {
    const index = this.#commits.last;
    if (this.#staleMs === 0) return index;
    this.#timeline.push({ atMs: nowMs, index });
    return this.#timeline.findLast(({ atMs }) => atMs <= nowMs - this.#staleMs)?.index ?? 0;
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
