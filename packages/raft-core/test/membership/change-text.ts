import { nodeId } from "../../src/index.ts";
import type { ConfChange, ConfChangeSingle, ConfState } from "../../src/index.ts";

const TYPES = { v: "add-voter", l: "add-learner", r: "remove", u: "update" } as const;

/** A change of the members from words such as `v4 r2 l3`: voter, remove, learner; `u` changes nothing. */
export function change(text = "", transition: ConfChange["transition"] = "auto"): ConfChange {
  const changes = text
    .split(" ")
    .filter((word) => word !== "")
    .map((word): ConfChangeSingle => {
      const type = TYPES[word[0] as keyof typeof TYPES];
      return { type, node: nodeId(Number(word.slice(1))) };
    });
  return { transition, changes, context: new Uint8Array(0) };
}

/** Members by their ids; what is left out is empty. */
export function members(lists: {
  readonly voters: readonly number[];
  readonly learners?: readonly number[];
  readonly votersOutgoing?: readonly number[];
  readonly learnersNext?: readonly number[];
  readonly autoLeave?: boolean;
}): ConfState {
  const {
    voters,
    learners = [],
    votersOutgoing = [],
    learnersNext = [],
    autoLeave = false,
  } = lists;
  return {
    voters: voters.map(nodeId),
    learners: learners.map(nodeId),
    votersOutgoing: votersOutgoing.map(nodeId),
    learnersNext: learnersNext.map(nodeId),
    autoLeave,
  };
}
