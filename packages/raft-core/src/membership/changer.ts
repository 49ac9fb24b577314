import { RaftError } from "../errors.ts";
import type { UnsupportedChange } from "../errors.ts";
import { NO_NODE, isMemberId } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import { CHANGES_MAX, MEMBERS_MAX } from "../limits.ts";
import type { ConfChange, ConfChangeSingle } from "./change.ts";
import { configurationFault, isJoint, membersOf } from "./configuration.ts";
import type { Configuration } from "./configuration.ts";

/** How a change takes effect: in one step, by way of two quorums, or by leaving that state. */
export type ChangeKind = "simple" | "enter-joint" | "leave-joint";

const TRANSITIONS: ReadonlySet<string> = new Set<ConfChange["transition"]>([
  "auto",
  "joint-implicit",
  "joint-explicit",
]);
const TYPES: ReadonlySet<string> = new Set<ConfChangeSingle["type"]>([
  "add-voter",
  "add-learner",
  "remove",
  "update",
]);

interface Draft {
  readonly incoming: Set<NodeId>;
  readonly outgoing: ReadonlySet<NodeId>;
  readonly learners: Set<NodeId>;
  readonly learnersNext: Set<NodeId>;
}

/** Several changes at once need two quorums; none at all means: leave. */
export function changeKind(change: ConfChange): ChangeKind {
  if (change.transition !== "auto") return "enter-joint";
  if (change.changes.length === 0) return "leave-joint";
  return change.changes.length === 1 ? "simple" : "enter-joint";
}

/**
 * The members after `change`. Depends on the arguments only, so that all members decide alike.
 * @throws RaftError `unsupported-change`, `joint-configuration`, `not-joint`.
 */
export function changed(configuration: Configuration, change: ConfChange): Configuration {
  const { changes, transition } = change;
  switch (changeKind(change)) {
    case "leave-joint":
      return leaveJoint(configuration);
    case "simple":
      return changedInOneStep(configuration, changes);
    case "enter-joint":
      return enterJoint(configuration, changes, transition !== "joint-explicit");
  }
}

/** Changes that move at most one voter. @throws RaftError `unsupported-change`, `joint-configuration`. */
export function changedInOneStep(
  configuration: Configuration,
  changes: readonly ConfChangeSingle[],
): Configuration {
  if (isJoint(configuration)) throw stillJoint();
  const next = applyAll({ ...configuration, outgoing: new Set<NodeId>() }, changes);
  if (differing(next.incoming, configuration.incoming) > 1)
    throw refused("several-voters", "more than one voter changes without a joint configuration");
  return checked({ ...next, autoLeave: false });
}

/** How many are in one of the sets only. */
function differing(a: ReadonlySet<NodeId>, b: ReadonlySet<NodeId>): number {
  let count = 0;
  for (const id of a) if (!b.has(id)) count += 1;
  for (const id of b) if (!a.has(id)) count += 1;
  return count;
}

/** From now on both halves decide. @throws RaftError `unsupported-change`, `joint-configuration`. */
export function enterJoint(
  configuration: Configuration,
  changes: readonly ConfChangeSingle[],
  autoLeave: boolean,
): Configuration {
  if (isJoint(configuration)) throw stillJoint();
  if (configuration.incoming.size === 0) throw refused("no-voters", "no voters to start from");
  const outgoing = new Set(configuration.incoming);
  return checked({ ...applyAll({ ...configuration, outgoing }, changes), autoLeave });
}

/** From now on the incoming half decides alone. @throws RaftError `not-joint`. */
export function leaveJoint(configuration: Configuration): Configuration {
  if (!isJoint(configuration))
    throw new RaftError({ code: "not-joint" }, "no joint configuration to leave");
  const learners = new Set([...configuration.learners, ...configuration.learnersNext]);
  return checked({
    incoming: configuration.incoming,
    outgoing: new Set(),
    learners,
    learnersNext: new Set(),
    autoLeave: false,
  });
}

function checked(next: Configuration): Configuration {
  const fault = configurationFault(next);
  if (fault !== undefined) throw refused("contradiction", fault);
  const count = membersOf(next).length;
  if (count > MEMBERS_MAX)
    throw refused("too-many-members", `${count} members, at most ${MEMBERS_MAX}`);
  return next;
}

/**
 * Refuses what is no change in any configuration; a caller without types may name anything.
 * @throws RaftError `unsupported-change`.
 */
export function checkChange({ transition, changes }: ConfChange): void {
  if (!TRANSITIONS.has(transition))
    throw refused("unknown-type", `no transition is called ${transition}`);
  checkChanges(changes);
}

function checkChanges(changes: readonly ConfChangeSingle[]): void {
  if (changes.length > CHANGES_MAX)
    throw refused("too-many-changes", `${changes.length} changes at once, at most ${CHANGES_MAX}`);
  for (const { type, node } of changes) {
    if (!TYPES.has(type)) throw refused("unknown-type", `no change is called ${type}`);
    if (node !== NO_NODE && !isMemberId(node))
      throw refused("not-a-node-id", `not a node id: ${node}`);
  }
}

function applyAll(
  from: Omit<Configuration, "autoLeave">,
  changes: readonly ConfChangeSingle[],
): Draft {
  checkChanges(changes);
  const draft: Draft = {
    incoming: new Set(from.incoming),
    outgoing: from.outgoing,
    learners: new Set(from.learners),
    learnersNext: new Set(from.learnersNext),
  };
  for (const single of changes) {
    // A change of node 0 is how an application says "refused" in an entry that is already committed.
    if (single.node !== NO_NODE) applyOne(draft, single);
  }
  if (draft.incoming.size === 0) throw refused("no-voters", "no voters would be left");
  return draft;
}

function applyOne(draft: Draft, { type, node }: ConfChangeSingle): void {
  if (type === "update") return;
  if (type === "add-learner" && draft.learners.has(node)) return;
  draft.learners.delete(node);
  draft.learnersNext.delete(node);
  draft.incoming.delete(node);
  if (type === "add-voter") draft.incoming.add(node);
  if (type !== "add-learner") return;
  // A voter that still counts in the outgoing half may become a learner only when that half is gone.
  if (draft.outgoing.has(node)) draft.learnersNext.add(node);
  else draft.learners.add(node);
}

function stillJoint(): RaftError {
  return new RaftError({ code: "joint-configuration" }, "a joint configuration must be left first");
}

function refused(reason: UnsupportedChange, why: string): RaftError {
  return new RaftError({ code: "unsupported-change", reason }, why);
}
