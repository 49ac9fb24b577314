import { NodeError } from "./errors.ts";
import type { ActiveMembership } from "./swarm-membership.ts";

/** What a running node is at the moment. */
export interface NodeState {
  active: ActiveMembership | undefined;
  /** What is wrong, in a sentence; empty when nothing is. */
  error: string;
  /** Runs a change of membership. @throws NodeError `unavailable` while another is under way. */
  exclusively<T>(change: () => Promise<T>): Promise<T>;
  /** Runs it as well, once those that are under way have ended: for what happens to the node without being asked. */
  inTurn<T>(change: () => Promise<T>): Promise<T>;
}

export function createNodeState(): NodeState {
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(change: () => Promise<T>): Promise<T> => {
    pending += 1;
    const turn = last.then(change);
    last = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      pending -= 1;
    }
  };
  return {
    active: undefined,
    error: "",
    exclusively: async (change) => {
      if (pending > 0) {
        throw new NodeError(
          "unavailable",
          "this node is just joining or leaving a swarm; try again",
        );
      }
      return inTurn(change);
    },
    inTurn,
  };
}
