import type { Entry, EntryDraft } from "../entry.ts";
import type { LogIndex } from "../ids.ts";
import { envelope, send } from "../outbox.ts";
import type { CoreState } from "../state.ts";

/** The leader puts entries at the end of its own log; its acknowledgement counts once they are durable. */
export function appendLocal(state: CoreState, drafts: readonly EntryDraft[]): void {
  const { log, term } = state;
  const entries: Entry[] = [];
  let index = log.lastIndex as number;
  for (const { kind, data } of drafts) {
    index += 1;
    entries.push({ kind, term, index: index as LogIndex, data });
  }
  log.append(entries);
  send(state, {
    ...envelope(state, state.id),
    type: "append-response",
    index: state.log.lastIndex,
    reject: false,
    rejectHint: 0 as LogIndex,
    logTerm: 0 as Entry["term"],
  });
}
