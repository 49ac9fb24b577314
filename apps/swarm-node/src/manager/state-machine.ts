import type { StateMachine } from "@waggle/raft";
import type { SwarmStore } from "@waggle/swarm-state";

/** The swarm's store as what Raft applies its log to. */
export function createStoreStateMachine(store: SwarmStore): StateMachine {
  return {
    apply: (entries) =>
      entries.map(({ index, data }) => {
        store.apply(index, data);
        return index;
      }),
    snapshot: () => store.snapshot(),
    restore: (index, chunks) => store.restore(index, chunks),
  };
}
