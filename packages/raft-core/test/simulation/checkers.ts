import type { Entry, LogIndex, NodeId, RaftStatus, SnapshotMetadata } from "../../src/index.ts";

/** What a run of a correct group never shows. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** FNV-1a, continued from `start`. */
export function hashBytes(start: number, bytes: Uint8Array): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

export function hashText(start: number, text: string): number {
  let hash = start;
  for (let at = 0; at < text.length; at += 1)
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** A log as seen from outside: for each index its term and a hash of everything up to it. */
interface Mirror {
  base: number;
  readonly terms: number[];
  readonly hashes: number[];
}

/** Watches all members from outside, through what they persist, apply and report; knows nothing of how they work. */
export class Checkers {
  readonly #leaders = new Map<number, NodeId>();
  /** Hash of the whole log up to an entry, by index and term. */
  readonly #prefixes = new Map<string, number>();
  readonly #mirrors = new Map<NodeId, Mirror>();
  /** Per term of a leader: the highest index that it committed, and the hash of the log up to there. */
  readonly #commits = new Map<number, { index: number; hash: number }>();
  readonly #applied = new Map<number, number>();
  readonly #seen = new Map<NodeId, { term: number; commit: number }>();
  readonly #durable = new Map<NodeId, number>();
  /** The highest index that any member knows to be committed. */
  committed = 0;

  /** A member starts, or starts again: `entries` follow (`base`). */
  started(id: NodeId, base: { index: number; term: number }, entries: readonly Entry[]): void {
    this.#rebase(id, base);
    this.wrote(id, entries);
    this.#seen.set(id, { term: this.#durable.get(id) ?? 0, commit: 0 });
  }

  /** The term that a member made durable: it may not start again in an older one. */
  durableTerm(id: NodeId, term: number): void {
    this.#durable.set(id, term);
  }

  /** Log matching: equal index and term, equal log up to there. */
  wrote(id: NodeId, entries: readonly Entry[]): void {
    const mirror = this.#mirror(id);
    for (const entry of entries) {
      const at = entry.index - mirror.base;
      if (at < 1 || at > mirror.terms.length)
        throw new Violation(`log matching: ${id} wrote ${entry.index} with a gap`);
      const before = mirror.hashes[at - 1]!;
      const text = `${entry.index}:${entry.term}:${entry.kind}`;
      const hash = hashBytes(hashText(before, text), entry.data);
      this.#samePrefix(id, entry, hash);
      mirror.terms.length = at;
      mirror.hashes.length = at;
      mirror.terms.push(entry.term);
      mirror.hashes.push(hash);
    }
  }

  #samePrefix(id: NodeId, { index, term }: { index: number; term: number }, hash: number): void {
    const key = `${index}:${term}`;
    const known = this.#prefixes.get(key);
    if (known !== undefined && known !== hash)
      throw new Violation(`log matching: the log of ${id} up to ${key} differs from another's`);
    this.#prefixes.set(key, hash);
  }

  /** A snapshot from the leader replaces the log. */
  restored(id: NodeId, metadata: SnapshotMetadata): void {
    this.#rebase(id, metadata);
  }

  #rebase(id: NodeId, { index, term }: { index: number; term: number }): void {
    const key = `${index}:${term}`;
    let hash = this.#prefixes.get(key);
    if (hash === undefined) {
      if (index > 1) throw new Violation(`log matching: ${id} starts from unknown ${key}`);
      hash = 0;
      this.#prefixes.set(key, hash);
    }
    this.#mirrors.set(id, { base: index, terms: [term], hashes: [hash] });
  }

  #mirror(id: NodeId): Mirror {
    const mirror = this.#mirrors.get(id);
    if (mirror === undefined) throw new Violation(`${id} writes before it started`);
    return mirror;
  }

  #hashAt(id: NodeId, index: number): number | undefined {
    const mirror = this.#mirror(id);
    return mirror.hashes[index - mirror.base];
  }

  /** After every event of a member: election safety, leader completeness, and what never goes back. */
  observe(status: RaftStatus): void {
    const { id, term, commit } = status;
    const seen = this.#seen.get(id);
    if (seen !== undefined && term < seen.term)
      throw new Violation(`term of ${id} went back from ${seen.term} to ${term}`);
    if (seen !== undefined && commit < seen.commit)
      throw new Violation(`commit of ${id} went back from ${seen.commit} to ${commit}`);
    this.#seen.set(id, { term, commit });
    if (status.role === "leader") this.#observeLeader(status);
    if (commit > this.committed) this.committed = commit;
  }

  #observeLeader({ id, term, commit }: RaftStatus): void {
    const known = this.#leaders.get(term);
    if (known === undefined) {
      this.#leaders.set(term, id);
      this.#checkComplete(id, term);
    } else if (known !== id)
      throw new Violation(`election safety: ${known} and ${id} both lead term ${term}`);
    const before = this.#commits.get(term);
    if (before !== undefined && before.index >= commit) return;
    const hash = this.#hashAt(id, commit);
    if (hash !== undefined) this.#commits.set(term, { index: commit, hash });
  }

  /** A new leader holds all that leaders of earlier terms committed. */
  #checkComplete(id: NodeId, term: number): void {
    const { base } = this.#mirror(id);
    for (const [earlier, { index, hash }] of this.#commits) {
      if (earlier >= term || index < base) continue;
      if (this.#hashAt(id, index) !== hash)
        throw new Violation(
          `leader completeness: ${id} leads term ${term} without ${index}, committed in term ${earlier}`,
        );
    }
  }

  /** State-machine safety: all members are in the same state after the same index. */
  applied(id: NodeId, index: LogIndex, state: number): void {
    const known = this.#applied.get(index);
    if (known !== undefined && known !== state)
      throw new Violation(`state-machine safety: ${id} differs from another after ${index}`);
    this.#applied.set(index, state);
  }

  /** Linearizability: a read shows all that was committed when it was asked. */
  read(id: NodeId, index: LogIndex, committedWhenAsked: number): void {
    if (index < committedWhenAsked)
      throw new Violation(
        `stale read: ${id} may read at ${index}, ${committedWhenAsked} was committed before it asked`,
      );
  }
}
