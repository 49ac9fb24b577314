import { createLocalProposer, createSwarmStore } from "@waggle/swarm-state";
import type {
  Node,
  ObjectDraft,
  ObjectKind,
  ObjectOf,
  SwarmStore,
  Task,
} from "@waggle/swarm-state";

/** A leading store on a log of its own. */
export function openStore(now: () => number = () => 1_000): SwarmStore {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  return store;
}

/** Creates nodes and tasks. */
export async function create(
  store: SwarmStore,
  ...drafts: readonly (ObjectDraft<Node> | ObjectDraft<Task>)[]
): Promise<void> {
  await store.update((tx) => {
    for (const draft of drafts) {
      if (draft.kind === "node") tx.create<Node>(draft);
      else tx.create<Task>(draft);
    }
  });
}

/** Changes one object by hand, as another part of the manager would. */
export async function change<K extends ObjectKind>(
  store: SwarmStore,
  [kind, id]: readonly [K, string],
  edit: (object: ObjectOf<K>) => ObjectOf<K>,
): Promise<void> {
  await store.update((tx) => tx.update(edit(tx.get(kind, id)!)));
}
