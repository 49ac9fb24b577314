import { NodeError } from "./errors.ts";
import type { ActiveMembership } from "./swarm-membership.ts";

/** What a running node is at the moment. */
export interface NodeState {
  active: ActiveMembership | undefined;
  /** What is wrong, in a sentence; empty when nothing is. */
  error: string;
  /** Runs changes of membership one at a time. @throws NodeError `unavailable` while another is under way. */
  exclusively<T>(change: () => Promise<T>): Promise<T>;
}

export function createNodeState(): NodeState {
  let changing = false;
  return {
    active: undefined,
    error: "",
    exclusively: async (change) => {
      if (changing) {
        throw new NodeError(
          "unavailable",
          "this node is just joining or leaving a swarm; try again",
        );
      }
      changing = true;
      try {
        return await change();
      } finally {
        changing = false;
      }
    },
  };
}
