import type { Entry, EntryKind } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import { CodecError } from "./errors.ts";
import { WireWriter, eachField } from "./wire.ts";

const KINDS: readonly EntryKind[] = ["normal", "conf-change", "conf-change-v2"];
const EMPTY = new Uint8Array(0);

/** An entry as raftpb bytes. */
export function encodeEntry(entry: Entry): Uint8Array {
  const writer = new WireWriter();
  if (entry.kind !== "normal") writer.uint(1, KINDS.indexOf(entry.kind));
  writer.uint(2, entry.term).uint(3, entry.index);
  if (entry.data.byteLength > 0) writer.bytes(4, entry.data);
  return writer.finish();
}

/** An entry that has no place in a log yet: its kind and data. */
export function encodeDraft(draft: Pick<Entry, "kind" | "data">): Uint8Array {
  const writer = new WireWriter();
  if (draft.kind !== "normal") writer.uint(1, KINDS.indexOf(draft.kind));
  if (draft.data.byteLength > 0) writer.bytes(4, draft.data);
  return writer.finish();
}

/** The inverse of {@link encodeEntry}; what is absent is 0 or empty. @throws CodecError for anything else. */
export function decodeEntry(bytes: Uint8Array): Entry {
  let kind: EntryKind = "normal";
  let term = 0;
  let index = 0;
  let data: Uint8Array = EMPTY;
  eachField(bytes, (field) => {
    if (field.number === 1) kind = entryKind(field.uint());
    else if (field.number === 2) term = field.uint();
    else if (field.number === 3) index = field.uint();
    // A copy: the entry outlives the buffer that it arrived in.
    else if (field.number === 4) data = field.bytes().slice();
  });
  return { kind, term: term as Term, index: index as LogIndex, data };
}

function entryKind(value: number): EntryKind {
  const kind = KINDS[value];
  if (kind === undefined) throw new CodecError("unknown-value", `entry type ${value}`);
  return kind;
}
