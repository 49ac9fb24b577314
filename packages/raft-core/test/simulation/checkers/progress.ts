import type { NodeId } from "../../../src/index.ts";
import type { Configuration } from "../../../src/membership/configuration.ts";
import type { CoreState } from "../../../src/state.ts";
import { isQuorum } from "./view.ts";
import type { GroupView, MemberView } from "./view.ts";
import { Violation } from "./violation.ts";

interface Reign {
  readonly term: number;
  /** The empty entry with which it began. */
  readonly first: number;
  /** Last known match of each peer. */
  readonly matches: Map<NodeId, number>;
  configuration: Configuration;
}

/** What a leader believes of its peers is so, and what a quorum holds is committed. */
export class ProgressChecker {
  readonly #group: GroupView;
  readonly #reigns = new Map<NodeId, Reign>();

  constructor(group: GroupView) {
    this.#group = group;
  }

  won({ id, state }: MemberView): void {
    const { term, log, configuration } = state!;
    this.#reigns.set(id, { term, first: log.lastIndex, matches: new Map(), configuration });
  }

  observe(view: MemberView): void {
    const state = view.state!;
    const reign = this.#reigns.get(view.id);
    if (state.role !== "leader" || reign?.term !== state.term) return;
    let moved = reign.configuration !== state.configuration;
    reign.configuration = state.configuration;
    for (const [id, peer] of state.progress) {
      if (peer.match >= peer.next)
        throw new Violation(`${view.id} would send ${peer.next} to ${id}, which has ${peer.match}`);
      if (reign.matches.get(id) === peer.match) continue;
      reign.matches.set(id, peer.match);
      moved = true;
      this.#holds(view, id, peer.match);
    }
    if (moved) commitsAll(state, reign.first);
    const { uncommittedBytes, options } = state;
    if (uncommittedBytes > options.maxUncommittedBytes + PROPOSAL_BYTES_MAX)
      throw new Violation(`${view.id} lets ${uncommittedBytes} bytes wait for their commit`);
  }

  #holds({ id: leader, state, written }: MemberView, id: NodeId, match: number): void {
    const peer = this.#group.get(id);
    // One that went on to another term may have been told to drop what never was committed.
    if (match === 0 || peer === undefined || peer.durableHard.term > state!.term) return;
    const hash = written.hashAt(match);
    if (hash !== undefined && !peer.durable.holds(match, hash))
      throw new Violation(`${leader} believes that ${id} has ${match}, which its disk has not`);
  }
}

/** More than one proposal of a run ever is. */
const PROPOSAL_BYTES_MAX = 2_000;

function commitsAll({ id, configuration, progress, log }: CoreState, firstOwn: number): void {
  const next = Math.max(log.committed + 1, firstOwn);
  const isVoter = configuration.incoming.has(id) || configuration.outgoing.has(id);
  if (next > log.lastIndex || !isVoter) return;
  if (isQuorum(configuration, (voter) => (progress.get(voter)?.match ?? 0) >= next))
    throw new Violation(`${id} does not commit ${next}, which a quorum holds`);
}
