import type { NodeId } from "../../../src/index.ts";
import type { LogMirror } from "./log-mirror.ts";
import { isHandedOut, isQuorum } from "./view.ts";
import type { GroupView, MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

interface Committed {
  readonly hash: number;
  /** Term of the leader that committed it. */
  readonly term: number;
}

/**
 * What is committed is so for ever: on the disks of a quorum, in every later leader's log, the same for all. (LogInv,
 * QuorumLogInv, CommittedIsDurableInv, LeaderCompletenessInv and MoreUpToDateCorrectInv of etcd's TLA+ specification.)
 */
export class CommitChecker {
  readonly #group: GroupView;
  /** By index; the log up to `#last` is committed. */
  readonly #committed: (Committed | undefined)[] = [undefined];
  /** How far a member's own commit index was compared, and seen. */
  readonly #checked = new Map<NodeId, number>();
  readonly #seen = new Map<NodeId, number>();

  constructor(group: GroupView) {
    this.#group = group;
  }

  /** The highest index that anybody knows to be committed. */
  get last(): number {
    return this.#committed.length - 1;
  }

  hashAt(index: number): number | undefined {
    return this.#committed[index]?.hash;
  }

  /** The groups begins with this much, which was never proposed. */
  founded(index: number, hash: number): void {
    for (let at = this.#committed.length; at <= index; at += 1)
      this.#committed.push({ hash: at === index ? hash : 0, term: 0 });
  }

  started({ id }: MemberView): void {
    this.#checked.set(id, 0);
    this.#seen.set(id, 0);
  }

  /** The leader has just moved its commit index: what it commits is of its term, and on the disks of a quorum. */
  committed({ id, state, written }: MemberView, index: number): void {
    const { configuration, term } = state!;
    const hash = written.hashAt(index);
    if (hash === undefined) throw new Violation(`${id} commits ${index} before it is written`);
    if (written.termAt(index) !== term)
      throw new Violation(`${id} commits ${index} of another term than its own ${term} by itself`);
    const isDurable = (voter: NodeId): boolean =>
      this.#group.get(voter)?.durable.holds(index, hash) ?? false;
    if (!isQuorum(configuration, isDurable))
      throw new Violation(`durability: ${id} commits ${index} and no quorum has it on disk`);
    for (let at = this.#committed.length; at <= index; at += 1)
      this.#committed.push({ hash: written.hashAt(at) ?? 0, term });
    this.#sameAsOthers(id, written, index);
  }

  /** The leader has taken new members into force: no quorum of them may lack what is committed. */
  reconfigured({ id, state }: MemberView): void {
    const { configuration, log } = state!;
    const hash = this.hashAt(log.committed);
    if (hash === undefined) return;
    const lacks = (voter: NodeId): boolean =>
      !(this.#group.get(voter)?.durable.holds(log.committed, hash) ?? false);
    if (isQuorum(configuration, lacks))
      throw new Violation(`durability: a quorum as ${id} sees it lacks committed ${log.committed}`);
  }

  observe({ id, state, written }: MemberView): void {
    const commit = state!.log.committed;
    const seen = this.#seen.get(id) ?? 0;
    if (commit < seen) throw new Violation(`commit of ${id} went back from ${seen} to ${commit}`);
    this.#seen.set(id, commit);
    if (commit > this.last)
      throw new Violation(`${id} takes ${commit} for committed, which no leader committed`);
    const checked = this.#checked.get(id) ?? 0;
    if (commit <= checked || !isHandedOut(state!)) return;
    this.#checked.set(id, commit);
    this.#sameAsOthers(id, written, commit);
  }

  #sameAsOthers(id: NodeId, log: LogMirror, index: number): void {
    if (!log.holds(index, this.hashAt(index)!))
      throw new Violation(`state-machine safety: ${id} commits another ${index} than others`);
  }

  /** A new leader holds all that leaders of earlier terms committed. */
  won({ id, state, written }: MemberView): void {
    const { term } = state!;
    let index = this.last;
    while (index > 0 && this.#committed[index]!.term >= term) index -= 1;
    if (index > 0 && !written.holds(index, this.hashAt(index)!))
      throw new Violation(
        `leader completeness: ${id} leads term ${term} without ${index}, committed in term ${this.#committed[index]!.term}`,
      );
  }

  /**
   * A vote is given: whose log is taken for more up to date holds what the voter knows to be committed. Only as far as its own
   * log reaches into the term of that commit: a voter that is still behind may know of a commit by an entry that it lacks,
   * and then votes for longer logs of terms between; those others who hold that entry refuse.
   */
  voted(voter: MemberView, candidate: MemberView): void {
    const { committed, lastTerm } = voter.state!.log;
    let index: number = committed;
    while (index > 0 && (this.#committed[index]?.term ?? 0) > lastTerm) index -= 1;
    const hash = this.hashAt(index);
    if (hash === undefined || index <= 1) return;
    if (!candidate.written.holds(index, hash))
      throw new Violation(
        `more up to date: ${voter.id} votes for ${candidate.id}, which lacks committed ${index}`,
      );
  }

  /** A disk changes: what it holds of the committed log stays. */
  overwriting({ id, durable }: MemberView, change: () => void): void {
    const index = Math.min(durable.last, this.last);
    const hash = this.hashAt(index);
    const held = hash !== undefined && durable.hashAt(index) === hash;
    change();
    if (held && !durable.holds(index, hash))
      throw new Violation(`durability: ${id} loses ${index}, which is committed, from its disk`);
  }
}
