import type { Entry, NodeId } from "../../../src/index.ts";
import type { ElectionChecker } from "./elections.ts";
import type { Base, LogMirror } from "./log-mirror.ts";
import type { MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

/** More terms than a run ever sees: makes one number of an index and a term. */
const TERMS_MAX = 65_536;

/**
 * Log matching (equal index and term, equal log up to there); leaders only append, and only leaders make entries; at most
 * one change of the members under way.
 */
export class LogChecker {
  readonly #elections: ElectionChecker;
  /** Hash of the whole log up to an entry, by index and term. */
  readonly #prefixes = new Map<number, number>();

  constructor(elections: ElectionChecker) {
    this.#elections = elections;
  }

  /** The mirror of what a disk holds: `entries` follow `base`, perhaps after a crash. */
  load(mirror: LogMirror, base: Base, entries: readonly Entry[]): void {
    this.rebase(mirror, base);
    for (const entry of entries) mirror.write(entry);
  }

  /** The core hands out entries to be written. */
  wrote(view: MemberView, entries: readonly Entry[]): void {
    const { id, written, state } = view;
    for (const entry of entries) {
      const own = state!.role === "leader" && state!.term === entry.term;
      if (own) this.#checkOwn(view, entry);
      this.#samePrefix(id, entry, written.write(entry));
    }
  }

  #checkOwn({ id, written, appIndex }: MemberView, { index, kind }: Entry): void {
    if (index !== written.last + 1)
      throw new Violation(`leader append-only: ${id} overwrites ${index} of its own log`);
    if (kind !== "normal" && written.hasChange(appIndex, index))
      throw new Violation(
        `configuration: ${id} proposes a change at ${index} while another is not applied`,
      );
  }

  #samePrefix(id: NodeId, { index, term }: Base, hash: number): void {
    const key = index * TERMS_MAX + term;
    const known = this.#prefixes.get(key);
    if (known === hash) return;
    if (known !== undefined)
      throw new Violation(`log matching: ${id} at ${index}:${term} differs from another`);
    if (this.#elections.leaderOf(term) !== id)
      throw new Violation(`log matching: ${id} has ${index}:${term}, which no leader wrote`);
    this.#prefixes.set(key, hash);
  }

  /** A snapshot takes the place of the log up to `base`. */
  rebase(mirror: LogMirror, base: Base): void {
    const key = base.index * TERMS_MAX + base.term;
    let hash = this.#prefixes.get(key);
    if (hash === undefined) {
      if (base.index > 1)
        throw new Violation(`log matching: a log begins at unknown ${base.index}:${base.term}`);
      hash = base.index;
      this.#prefixes.set(key, hash);
    }
    mirror.rebase(base, hash);
  }
}
