import type { EntryDraft } from "../entry.ts";
import { ENTRY_TAG, kindNumber } from "./entry.ts";
import { TAG } from "./message-fields.ts";
import { blockSize, bytesSize, writeBytes, writeUint } from "./write.ts";

function draftSize({ kind, data }: EntryDraft): number {
  return (kind === "normal" ? 0 : 2) + bytesSize(data);
}

/** Bytes of the entries of a message which have no place in a log yet. */
export function draftsSize(drafts: readonly EntryDraft[]): number {
  let size = 0;
  for (const draft of drafts) size += blockSize(draftSize(draft));
  return size;
}

/** Writes such entries, of their kind and data only; the offset behind them. */
export function writeDrafts(
  target: Uint8Array,
  offset: number,
  drafts: readonly EntryDraft[],
): number {
  let at = offset;
  for (const draft of drafts) {
    at = writeUint(target, at, TAG.entries, draftSize(draft));
    if (draft.kind !== "normal") at = writeUint(target, at, ENTRY_TAG.type, kindNumber(draft.kind));
    at = writeBytes(target, at, ENTRY_TAG.data, draft.data);
  }
  return at;
}
