import { APPEND_THREAD, APPLY_THREAD } from "./ids.ts";
import type { LogIndex, Term } from "./ids.ts";
import type { Message } from "./messages.ts";
import type { Ready } from "./ready.ts";
import type { CoreState } from "./state.ts";
import type { StorageAppendResponse, StorageRequest } from "./storage-messages.ts";

/** What a Ready asks of the threads that write and apply. */
export function storageRequests(state: CoreState, ready: Ready): readonly StorageRequest[] {
  const { hardState, entries, snapshot, committedEntries } = ready;
  const { afterPersist } = state.outbox;
  const from = state.id;
  const requests: StorageRequest[] = [];
  const writes = hardState !== undefined || entries.length > 0 || snapshot !== undefined;
  if (writes || afterPersist.length > 0) {
    const responses: (Message | StorageAppendResponse)[] = [...afterPersist];
    // Asked for with every request while anything is not durable: some of the answers may come too late to count.
    if (state.log.unstableCount > 0 || snapshot !== undefined)
      responses.push(appendResponse(state, snapshot));
    const to = APPEND_THREAD;
    requests.push({ type: "storage-append", from, to, hardState, entries, snapshot, responses });
  }
  if (committedEntries.length > 0) {
    const to = APPLY_THREAD;
    const response = { type: "storage-apply-response", from: to, to: from } as const;
    const responses = [{ ...response, entries: committedEntries }];
    requests.push({ type: "storage-apply", from, to, entries: committedEntries, responses });
  }
  return requests;
}

function appendResponse(state: CoreState, snapshot: Ready["snapshot"]): StorageAppendResponse {
  const { log, id, term } = state;
  const open = log.unstableCount > 0;
  return {
    type: "storage-append-response",
    from: APPEND_THREAD,
    to: id,
    term,
    index: open ? log.lastIndex : (0 as LogIndex),
    logTerm: open ? log.lastTerm : (0 as Term),
    snapshot,
  };
}
