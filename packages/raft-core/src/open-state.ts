import { confChangeOf } from "./codec/conf-change.ts";
import { RaftOptionsError, isRaftError } from "./errors.ts";
import { NO_NODE } from "./ids.ts";
import type { LogIndex } from "./ids.ts";
import { openLog, openVote } from "./log/open.ts";
import { changed } from "./membership/changer.ts";
import { EMPTY_CONFIGURATION, confStateOf, votersOf } from "./membership/configuration.ts";
import { configurationOf } from "./membership/restore.ts";
import { installConfiguration } from "./membership/switch.ts";
import { resolveOptions } from "./options.ts";
import type { RaftOptions } from "./options.ts";
import { ReadQueue } from "./read-index/read-queue.ts";
import { drawElectionTimeout } from "./roles/transitions.ts";
import type { CoreState } from "./state.ts";
import { changesFault } from "./validate.ts";

/** A follower as its store left it. @throws RaftOptionsError. */
export function openState(options: RaftOptions): CoreState {
  const resolved = resolveOptions(options);
  const { snapshot, entries } = resolved.initial;
  const fault = changesFault(entries, resolved.wireFormat);
  if (fault !== undefined) throw new RaftOptionsError("invalid-initial-state", "initial", fault);
  const log = openLog(resolved.initial, resolved.applied, {
    applyingBytesMax: resolved.maxCommittedBytesPerReady,
    durableOnly: resolved.asyncStorageWrites,
    trace: resolved.trace,
  });
  const state: CoreState = {
    id: resolved.id,
    options: resolved,
    log,
    ...openVote(resolved.initial, log),
    role: "follower",
    leader: NO_NODE,
    configuration: EMPTY_CONFIGURATION,
    priority: resolved.priority,
    confState: confStateOf(EMPTY_CONFIGURATION),
    supersededConfiguration: undefined,
    progress: new Map(),
    inflightLimits: new Map(),
    votes: new Map(),
    electionElapsed: 0,
    heartbeatElapsed: 0,
    electionTimeout: resolved.electionTicks,
    transferee: NO_NODE,
    pendingChangeIndex: 0 as LogIndex,
    uncommittedBytes: 0,
    reads: new ReadQueue(),
    readStates: [],
    outbox: { messages: [], afterPersist: [], waitingAppends: new Map() },
  };
  if (snapshot !== undefined) installConfiguration(state, configurationOf(snapshot.confState));
  replayAppliedChanges(state, snapshot?.index ?? 0);
  drawElectionTimeout(state);
  checkRandom(state);
  traceStart(state);
  return state;
}

/** A source of whole numbers, or of none, would make a member campaign never, or at each tick. */
function checkRandom({ electionTimeout, options: { electionTicks } }: CoreState): void {
  if (electionTimeout >= electionTicks && electionTimeout < 2 * electionTicks) return;
  throw new RaftOptionsError("invalid-option", "random", "gave a number that is not in [0, 1)");
}

function traceStart({ options, confState, configuration, log, term, role }: CoreState): void {
  options.trace?.({ type: "members", confState });
  options.trace?.({ type: "role", role, term, leader: NO_NODE });
  const { committed: commit, applied, lastIndex, lastTerm } = log;
  const voters = votersOf(configuration);
  options.trace?.({ type: "started", voters, term, commit, applied, lastIndex, lastTerm });
}

/** The snapshot says who the members were then; changes that were applied since are in the log. */
function replayAppliedChanges(state: CoreState, base: number): void {
  const from = (base + 1) as LogIndex;
  const entries =
    from > state.log.applied ? [] : (state.log.entriesFrom(from, Infinity)?.entries ?? []);
  for (const entry of entries) {
    if (entry.index > state.log.applied) return;
    const change = confChangeOf(entry, state.options.wireFormat);
    if (change === undefined) continue;
    try {
      installConfiguration(state, changed(state.configuration, change));
    } catch (error) {
      // It was refused when it was applied, too: that depends on the members only.
      if (!isRaftError(error)) throw error;
    }
  }
}
