import type { Message, NodeId } from "../../../src/index.ts";
import type { Role } from "../../../src/index.ts";
import { isHandedOut, isQuorum } from "./view.ts";
import type { MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

interface Seen {
  role: Role;
  term: number;
}

/** One leader per term, elected by a quorum; one vote per member and term, across restarts; terms never go back. */
export class ElectionChecker {
  readonly #leaders = new Map<number, NodeId>();
  /** By term: who promised its vote to whom. */
  readonly #votes = new Map<number, Map<NodeId, NodeId>>();
  readonly #seen = new Map<NodeId, Seen>();
  /** The highest term in which a member promised something. */
  readonly #promised = new Map<NodeId, number>();

  leaderOf(term: number): NodeId | undefined {
    return this.#leaders.get(term);
  }

  /** A member starts, or starts again: in no term before what it promised, and with the vote that it gave. */
  started({ id, state }: MemberView): void {
    const { term, vote } = state!;
    const promised = this.#promised.get(id) ?? 0;
    if (term < promised)
      throw new Violation(`${id} starts in term ${term} and promised in ${promised}`);
    const given = this.#votes.get(term)?.get(id);
    if (given !== undefined && given !== vote)
      throw new Violation(`${id} forgot in term ${term} that it voted for ${given}`);
    this.#seen.set(id, { role: "follower", term });
  }

  promised(id: NodeId, term: number): void {
    if (term > (this.#promised.get(id) ?? 0)) this.#promised.set(id, term);
  }

  /** A message leaves that gives a vote, or asks for one and thereby gives the own. */
  voted(message: Message, candidate: NodeId): void {
    const { term, from } = message;
    const votes = this.#votes.get(term) ?? new Map<NodeId, NodeId>();
    this.#votes.set(term, votes);
    const given = votes.get(from) ?? candidate;
    if (given !== candidate)
      throw new Violation(`${from} votes in term ${term} for ${candidate} after ${given}`);
    votes.set(from, candidate);
  }

  /** True when the member has just won an election. */
  observe(view: MemberView): boolean {
    const { term, role } = view.state!;
    const seen = this.#seen.get(view.id)!;
    if (term < seen.term)
      throw new Violation(`term of ${view.id} went back from ${seen.term} to ${term}`);
    const isNew = seen.role !== role || seen.term !== term;
    if (isNew && (role === "candidate" || role === "pre-candidate")) this.#mayCampaign(view);
    seen.role = role;
    seen.term = term;
    if (!isNew || role !== "leader") return false;
    this.#won(view);
    return true;
  }

  /** A candidate is a voter as far as it knows, and knows the members as of all that it knows to be committed. */
  #mayCampaign({ id, state, written }: MemberView): void {
    const { configuration, log } = state!;
    if (!configuration.incoming.has(id) && !configuration.outgoing.has(id))
      throw new Violation(`${id} campaigns and is no voter`);
    if (isHandedOut(state!) && written.hasChange(log.applied, log.committed))
      throw new Violation(`${id} campaigns before it applied a committed change of the members`);
  }

  #won({ id, state, durableHard }: MemberView): void {
    const { term, configuration } = state!;
    const known = this.#leaders.get(term) ?? id;
    if (known !== id)
      throw new Violation(`election safety: ${known} and ${id} both lead term ${term}`);
    this.#leaders.set(term, id);
    const votes = this.#votes.get(term);
    const votedFor = (voter: NodeId): boolean =>
      voter === id
        ? durableHard.term === term && durableHard.vote === id
        : votes?.get(voter) === id;
    if (!isQuorum(configuration, votedFor))
      throw new Violation(`election safety: ${id} leads term ${term} without a quorum of votes`);
  }
}
