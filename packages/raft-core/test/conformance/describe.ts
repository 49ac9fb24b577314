import type { ConfState, NodeId } from "../../src/index.ts";

/** Ids in log lines are hexadecimal. */
export function hex(id: number): string {
  return id.toString(16);
}

function idList(ids: readonly NodeId[]): string {
  return `(${ids.map(hex).join(" ")})`;
}

/** The members as in log lines: `voters=(1 2)&&(1) learners=(3) autoleave`. */
export function describeConfiguration(state: ConfState): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = state;
  const outgoing = votersOutgoing.length > 0 ? `&&${idList(votersOutgoing)}` : "";
  const parts = [`voters=${idList(voters)}${outgoing}`];
  if (learners.length > 0) parts.push(`learners=${idList(learners)}`);
  if (learnersNext.length > 0) parts.push(`learners_next=${idList(learnersNext)}`);
  if (autoLeave) parts.push("autoleave");
  return parts.join(" ");
}
