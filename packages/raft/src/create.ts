import type { InitialState } from "@waggle/raft-core";
import type { RaftNode } from "./node.ts";
import type { RaftNodeOptions, ResolvedOptions } from "./options.ts";
import { bootstrapState, createRaftCore, NO_NODE } from "@waggle/raft-core";
import { resolveOptions } from "./options.ts";
import { restoreNewest } from "./replica/applier.ts";
import { Replica } from "./replica/replica.ts";
import { Running } from "./running.ts";

/**
 * Starts a member: restores the state machine from the snapshot, replays what is known to be committed, and takes part in
 * the group from then on.
 * @throws RaftNodeError `invalid-argument`, `state-machine`; RaftOptionsError for a store that contradicts itself; what
 * the store throws. The store is then closed.
 */
export async function createRaftNode(options: RaftNodeOptions): Promise<RaftNode> {
  const { store, stateMachine } = options;
  try {
    const resolved = resolveOptions(options);
    const initial = await prepare(resolved);
    const { snapshot } = initial;
    if (snapshot !== undefined) await restoreNewest({ store, stateMachine }, snapshot);
    const core = createRaftCore({
      id: resolved.id,
      initial,
      random: resolved.random,
      electionTicks: resolved.electionTicks,
      heartbeatTicks: resolved.heartbeatTicks,
      preVote: resolved.preVote,
      checkQuorum: resolved.checkQuorum,
      ...(resolved.trace === undefined ? {} : { trace: resolved.trace }),
    });
    const replica = new Replica({ options: resolved, store, core, snapshot });
    replica.start();
    return new Running(replica, store);
  } catch (error) {
    // What went wrong first is what the caller must know.
    await store.close().catch(() => undefined);
    throw error;
  }
}

/** What the store holds; before that, the state that every member of a new group starts from is put into it. */
async function prepare(options: ResolvedOptions): Promise<InitialState> {
  const { store, bootstrap } = options;
  const stored = store.initial();
  const isEmpty =
    stored.hardState === undefined && stored.snapshot === undefined && stored.entries.length === 0;
  const state = isEmpty && bootstrap !== undefined ? bootstrapState(bootstrap.voters) : stored;
  if (state !== stored && state.snapshot !== undefined) {
    await store.saveSnapshot(state.snapshot, nothing(), { truncateLog: true });
  }
  const completed = completeHardState(state);
  if (completed !== stored && completed.hardState !== undefined) {
    await store.append({ hardState: completed.hardState, entries: [], sync: true });
  }
  return completed;
}

// A crash may come between a snapshot and the hard state that goes with it.
function completeHardState(state: InitialState): InitialState {
  const { snapshot, hardState } = state;
  if (snapshot === undefined) return state;
  const term = hardState?.term ?? snapshot.term;
  const commit = hardState?.commit ?? snapshot.index;
  if (hardState !== undefined && term >= snapshot.term && commit >= snapshot.index) return state;
  const raised = term < snapshot.term;
  return {
    ...state,
    hardState: {
      term: raised ? snapshot.term : term,
      vote: raised ? NO_NODE : (hardState?.vote ?? NO_NODE),
      commit: commit < snapshot.index ? snapshot.index : commit,
    },
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // The empty state has no bytes.
}
