import { taskStateRank } from "@waggle/swarm-state";
import type { DesiredState, TaskState } from "@waggle/swarm-state";

/** What to do next for a task. */
export type Step =
  "none" | "accept" | "begin-prepare" | "prepare" | "begin-start" | "start" | "wait" | "shutdown";

/** The next step from an observed state towards the desired one. Pure; repeated until it says `none`. */
export function nextStep(state: TaskState, desired: DesiredState): Step {
  const rank = taskStateRank(state);
  if (rank >= taskStateRank("complete")) return "none";
  if (desired === "shutdown" || desired === "remove") return "shutdown";
  if (rank > taskStateRank(desired)) return "none";
  switch (state) {
    case "new":
    case "pending":
    case "assigned":
      return "accept";
    case "accepted":
      return "begin-prepare";
    case "preparing":
      return "prepare";
    case "ready":
      return desired === "ready" ? "none" : "begin-start";
    case "starting":
      return "start";
    case "running":
      return "wait";
    default:
      return "none";
  }
}

const desiredRanks: Readonly<Record<DesiredState, number>> = {
  ready: 0,
  running: 1,
  shutdown: 2,
  remove: 3,
};

/** The later of two desired states: a desired state never goes backwards. */
export function laterDesired(a: DesiredState, b: DesiredState): DesiredState {
  return desiredRanks[b] > desiredRanks[a] ? b : a;
}
