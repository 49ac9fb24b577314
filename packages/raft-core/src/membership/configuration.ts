import type { ConfState } from "../entry.ts";
import type { NodeId } from "../ids.ts";
import type { JointVoters } from "../quorum/joint.ts";

/** Who takes part and how, as of an applied entry. Immutable: a change makes a new one. */
export interface Configuration extends JointVoters {
  readonly learners: ReadonlySet<NodeId>;
  /** Voters of the outgoing half that become learners when the joint configuration is left. */
  readonly learnersNext: ReadonlySet<NodeId>;
  readonly autoLeave: boolean;
}

/** Nobody: what a joiner knows before it hears from the leader. */
export const EMPTY_CONFIGURATION: Configuration = {
  incoming: new Set(),
  outgoing: new Set(),
  learners: new Set(),
  learnersNext: new Set(),
  autoLeave: false,
};

/** Ascending copy. */
export function ascending(ids: Iterable<NodeId>): NodeId[] {
  return [...ids].sort((a, b) => a - b);
}

/** True in the two-quorum state of a change in several steps. */
export function isJoint(configuration: Configuration): boolean {
  return configuration.outgoing.size > 0;
}

/** True for a voter of either half. */
export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.incoming.has(id) || configuration.outgoing.has(id);
}

/** All voters of both halves, ascending. */
export function votersOf(configuration: Configuration): NodeId[] {
  return ascending(new Set([...configuration.incoming, ...configuration.outgoing]));
}

/** All who receive the log, ascending. */
export function membersOf(configuration: Configuration): NodeId[] {
  const { incoming, outgoing, learners } = configuration;
  return ascending(new Set([...incoming, ...outgoing, ...learners]));
}

/** The form that goes into snapshots. */
export function confStateOf(configuration: Configuration): ConfState {
  return {
    voters: ascending(configuration.incoming),
    learners: ascending(configuration.learners),
    votersOutgoing: ascending(configuration.outgoing),
    learnersNext: ascending(configuration.learnersNext),
    autoLeave: configuration.autoLeave,
  };
}

/** What is wrong with a configuration; undefined when it is sound. */
export function configurationFault(configuration: Configuration): string | undefined {
  const { incoming, outgoing, learners, learnersNext, autoLeave } = configuration;
  const members = incoming.size + outgoing.size + learners.size + learnersNext.size;
  if (incoming.size === 0 && (members > 0 || autoLeave)) return "no voters";
  for (const id of learners)
    if (incoming.has(id) || outgoing.has(id)) return `${id} is voter and learner`;
  for (const id of learnersNext) {
    if (!outgoing.has(id)) return `${id} is to become a learner and is no outgoing voter`;
    if (incoming.has(id)) return `${id} is to become a learner and is an incoming voter`;
  }
  if (outgoing.size === 0 && autoLeave) return "auto-leave outside of a joint configuration";
  return undefined;
}
