import type { Entry } from "../entry.ts";
import type { LogIndex } from "../ids.ts";
import type { Page } from "../log/raft-log.ts";
import type { AppendMessage } from "../messages.ts";
import { send } from "../outbox.ts";
import type { Progress } from "../progress/progress.ts";
import type { CoreState } from "../state.ts";

/** An append in the outbox: it may grow until a Ready hands it out, and never after. */
export interface WaitingAppend {
  readonly message: Omit<AppendMessage, "entries" | "commit"> & {
    readonly entries: Entry[];
    commit: LogIndex;
  };
  bytes: number;
}

/** Queues an append; with `batchAppends` it may be joined by what comes next. */
export function queueAppend(state: CoreState, append: AppendMessage, bytes: number): void {
  if (!state.options.batchAppends) {
    send(state, append);
    return;
  }
  const message = { ...append, entries: [...append.entries] };
  send(state, message);
  state.outbox.waitingAppends.set(append.to, { message, bytes });
}

/**
 * Puts a page into the append that waits for a replicating peer, and the commit index with it. False when none waits
 * that the page follows on, or when both together are too large for one.
 */
export function joinWaiting(
  state: CoreState,
  peer: Progress,
  waiting: WaitingAppend,
  page: Page,
): boolean {
  const { message, bytes } = waiting;
  const { log, options } = state;
  if (peer.state !== "replicate" || message.term !== state.term) return false;
  const last = message.index + message.entries.length;
  if (last !== peer.next - 1 || bytes + page.bytes > options.maxBytesPerAppend) return false;
  // The peer was given up and found again since: what waits is no longer counted as on its way.
  if (message.entries.length > 0 && peer.inflights.last !== last) return false;
  if (message.entries.length === 0) peer.sent(page.entries.length, page.bytes);
  else peer.sentMore(page.entries.length, page.bytes);
  for (const entry of page.entries) message.entries.push(entry);
  message.commit = log.committed;
  waiting.bytes += page.bytes;
  peer.sentCommit(message.commit);
  return true;
}
