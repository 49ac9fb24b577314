import type { SnapshotMetadata } from "../entry.ts";
import type { LogIndex, NodeId, Term } from "../ids.ts";
import { configurationOf } from "../membership/restore.ts";
import { switchConfiguration } from "../membership/switch.ts";
import type {
  AppendMessage,
  AppendResponse,
  HeartbeatMessage,
  SnapshotMessage,
} from "../messages.ts";
import { envelope, send } from "../outbox.ts";
import type { CoreState } from "../state.ts";

const NO_HINT = { rejectHint: 0 as LogIndex, logTerm: 0 as Term };

function acknowledge(state: CoreState, to: NodeId, index: LogIndex): void {
  const response: AppendResponse = {
    ...envelope(state, to),
    type: "append-response",
    index,
    reject: false,
    ...NO_HINT,
  };
  send(state, response);
}

/** Answers a leader of an older term, which thereby learns of the present one. */
export function nudgeStaleLeader(state: CoreState, to: NodeId): void {
  acknowledge(state, to, 0 as LogIndex);
}

/** A follower takes entries of its leader. */
export function receiveAppend(state: CoreState, message: AppendMessage): void {
  const { log } = state;
  if (message.index < log.committed) {
    // What is committed matches: say how far, instead of making the leader search.
    acknowledge(state, message.from, log.committed);
    return;
  }
  const matched = log.appendMatching(message.index, message.logTerm, message.entries);
  if (matched !== undefined) {
    log.commitTo(Math.min(message.commit, matched) as LogIndex);
    acknowledge(state, message.from, matched);
    return;
  }
  const { from, index, logTerm } = message;
  const ownTerm = log.termAt(index) ?? (0 as Term);
  state.options.trace?.({ type: "append-rejected", from, index, logTerm, ownTerm });
  const start = Math.min(message.index, log.lastIndex) as LogIndex;
  const hint = log.findConflict(start, message.logTerm);
  send(state, {
    ...envelope(state, message.from),
    type: "append-response",
    index: message.index,
    reject: true,
    rejectHint: hint.index,
    logTerm: hint.term ?? (0 as Term),
  });
}

/** A follower hears that its leader still leads. */
export function receiveHeartbeat(state: CoreState, message: HeartbeatMessage): void {
  state.log.commitTo(message.commit);
  send(state, {
    ...envelope(state, message.from),
    type: "heartbeat-response",
    context: message.context,
  });
}

/** A follower is given a snapshot in place of entries that the leader no longer has. */
export function receiveSnapshot(state: CoreState, message: SnapshotMessage): void {
  const installed = restoreSnapshot(state, message);
  const { lastIndex, committed } = state.log;
  const { index, term } = message.snapshot.metadata;
  const answer = { commit: committed, index, term, restored: installed };
  state.options.trace?.({ type: "snapshot-answered", ...answer });
  acknowledge(state, message.from, installed ? lastIndex : committed);
}

function restoreSnapshot(state: CoreState, { snapshot }: SnapshotMessage): boolean {
  const { log } = state;
  const { index, term, confState } = snapshot.metadata;
  if (index <= log.committed) return false;
  // It need not name this node: a joiner may get one from before it was added, and the change in the entries after it.
  if (log.matches(index, term)) {
    // All of it is in the log already: only the commit index moves.
    traceSnapshot(state, snapshot.metadata, "snapshot-known");
    log.commitTo(index);
    return false;
  }
  log.restore(snapshot);
  state.supersededConfiguration ??= state.configuration;
  state.progress = new Map();
  switchConfiguration(state, configurationOf(confState));
  traceSnapshot(state, snapshot.metadata, "snapshot-restored");
  return true;
}

function traceSnapshot(
  { log, options }: CoreState,
  { index, term }: SnapshotMetadata,
  type: "snapshot-restored" | "snapshot-known",
): void {
  const { committed: commit, lastIndex, lastTerm } = log;
  const taken = { commit, lastIndex, lastTerm, index, term };
  options.trace?.(type === "snapshot-known" ? { type, ...taken } : { type, ...taken });
}
