import type { Proposer } from "./store.ts";

/** Where a local proposer begins. */
export interface LocalProposerOptions {
  /** Index of the entry before its first. @default 0 */
  readonly index?: number;
}

/** A log of one node that is nowhere kept: see {@link createLocalProposer}. */
export interface LocalProposer extends Proposer {
  /** Index of the newest entry. */
  readonly index: number;
  /** Joins it to the store whose `apply` it calls. To be done once, before the first proposal. */
  bind(apply: (index: number, data: Uint8Array) => void): void;
}

/**
 * A proposer without Raft, for one node that keeps its state in memory: applies each entry in order, on the next turn
 * of the microtask queue. For users of the store alone, for planners and for tests. Proposals before `bind` are refused.
 *
 * @example
 * const proposer = createLocalProposer();
 * const store = createSwarmStore({ proposer, now: Date.now });
 * proposer.bind((index, data) => store.apply(index, data));
 * store.startLeading();
 */
export function createLocalProposer(options: LocalProposerOptions = {}): LocalProposer {
  let index = options.index ?? 0;
  let apply: ((index: number, data: Uint8Array) => void) | undefined;
  return {
    get index() {
      return index;
    },
    bind: (target) => {
      apply = target;
    },
    propose: async (data) => {
      await Promise.resolve();
      if (apply === undefined) throw new UnboundError();
      index += 1;
      const own = index;
      apply(own, data);
      return own;
    },
  };
}

/** The proposer was not bound to a store. Nothing was logged. */
class UnboundError extends Error {
  override readonly name = "UnboundError";
  readonly outcome = "refused";

  constructor() {
    super("the local proposer is not bound to a store");
  }
}
