import type { ConfChange, ConfState } from "../../src/index.ts";
import { members } from "./change-text.ts";

/** What one node is: a voter of the incoming half, of the outgoing half, a learner, a learner to be. */
interface Part {
  incoming: boolean;
  outgoing: boolean;
  learner: boolean;
  learnerNext: boolean;
}

/**
 * Members of a group written down node by node, and changes of them taken word for word from the rules: slow and simple,
 * to compare the real ones with.
 */
export interface Twin {
  readonly parts: ReadonlyMap<number, Part>;
  readonly joint: boolean;
  readonly autoLeave: boolean;
}

export function twinOf(voters: readonly number[]): Twin {
  const part = { incoming: true, outgoing: false, learner: false, learnerNext: false };
  return { parts: new Map(voters.map((id) => [id, { ...part }])), joint: false, autoLeave: false };
}

/** The members after a change; undefined when it cannot be made. */
export function changedTwin(twin: Twin, { transition, changes }: ConfChange): Twin | undefined {
  if (transition === "auto" && changes.length === 0) return left(twin);
  if (twin.joint) return undefined;
  const enters = transition !== "auto" || changes.length > 1;
  const parts = new Map([...twin.parts].map(([id, part]) => [id, { ...part }]));
  if (enters) {
    if (![...parts.values()].some(({ incoming }) => incoming)) return undefined;
    for (const part of parts.values()) part.outgoing = part.incoming;
  }
  for (const { type, node } of changes) {
    if (type !== "update") parts.set(node, changedPart(parts.get(node), type));
  }
  if (![...parts.values()].some(({ incoming }) => incoming)) return undefined;
  return { parts, joint: enters, autoLeave: enters && transition !== "joint-explicit" };
}

function changedPart(known: Part | undefined, type: "add-voter" | "add-learner" | "remove"): Part {
  const outgoing = known?.outgoing ?? false;
  switch (type) {
    case "add-voter":
      return { incoming: true, outgoing, learner: false, learnerNext: false };
    case "add-learner":
      // Who still votes in the outgoing half learns only after it.
      return { incoming: false, outgoing, learner: !outgoing, learnerNext: outgoing };
    case "remove":
      return { incoming: false, outgoing, learner: false, learnerNext: false };
  }
}

function left(twin: Twin): Twin | undefined {
  if (!twin.joint) return undefined;
  const parts = [...twin.parts].map(([id, part]): [number, Part] => [
    id,
    { ...part, outgoing: false, learner: part.learner || part.learnerNext, learnerNext: false },
  ]);
  return { parts: new Map(parts), joint: false, autoLeave: false };
}

/** The twin as a ConfState. */
export function stateOf({ parts, autoLeave }: Twin): ConfState {
  const of = (role: keyof Part): number[] =>
    [...parts.keys()].filter((id) => parts.get(id)?.[role] ?? false).sort((a, b) => a - b);
  return members({
    voters: of("incoming"),
    votersOutgoing: of("outgoing"),
    learners: of("learner"),
    learnersNext: of("learnerNext"),
    autoLeave,
  });
}

/** May these nodes decide: more than half of each half that there is? */
function decides(twin: Twin, nodes: ReadonlySet<number>): boolean {
  return (["incoming", "outgoing"] as const).every((half) => {
    const voters = [...twin.parts.keys()].filter((id) => twin.parts.get(id)?.[half] ?? false);
    if (voters.length === 0) return half === "outgoing";
    return voters.filter((id) => nodes.has(id)).length * 2 > voters.length;
  });
}

/** Two sets of nodes without a common one, of which one decides by the rules of `a` and the other by those of `b`. */
export function disjointQuorums(a: Twin, b: Twin): readonly number[] | undefined {
  const ids = [...new Set([...a.parts.keys(), ...b.parts.keys()])];
  for (let bits = 0; bits < 2 ** ids.length; bits += 1) {
    const some = ids.filter((_, at) => Math.floor(bits / 2 ** at) % 2 === 1);
    const others = new Set(ids.filter((id) => !some.includes(id)));
    if (decides(a, new Set(some)) && decides(b, others)) return some;
  }
  return undefined;
}
