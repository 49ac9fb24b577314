import type { Entry, EntryKind } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import { CodecError } from "./errors.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { TAG } from "./message-fields.ts";
import { WireReader } from "./reader.ts";
import { EMPTY, blockSize, bytesSize, varintSize, writeBytes, writeUint } from "./write.ts";

/** Tags of raftpb Entry: field number and wire type as they stand on the wire. */
export const ENTRY_TAG = { type: 0x08, term: 0x10, index: 0x18, data: 0x22 } as const;
const FIELDS = 4;

const KINDS: readonly EntryKind[] = ["normal", "conf-change", "conf-change-v2"];

/** Bytes of an entry. `full`: with all numbers, as `gogo` has them. */
export function entrySize({ kind, term, index, data }: Entry, full: boolean): number {
  const typeSize = full || kind !== "normal" ? 2 : 0;
  return typeSize + 1 + varintSize(term) + 1 + varintSize(index) + bytesSize(data);
}

/** Writes an entry of {@link entrySize}; the offset behind it. */
export function writeEntry(
  target: Uint8Array,
  offset: number,
  { kind, term, index, data }: Entry,
  full: boolean,
): number {
  let at = offset;
  if (full || kind !== "normal") at = writeUint(target, at, ENTRY_TAG.type, kindNumber(kind));
  at = writeUint(target, at, ENTRY_TAG.term, term);
  at = writeUint(target, at, ENTRY_TAG.index, index);
  return writeBytes(target, at, ENTRY_TAG.data, data);
}

/** Bytes of the entries of a message. */
export function entriesSize(entries: readonly Entry[], full: boolean): number {
  let size = 0;
  for (const entry of entries) size += blockSize(entrySize(entry, full));
  return size;
}

/** Writes the entries of a message; the offset behind them. */
export function writeEntries(
  target: Uint8Array,
  offset: number,
  entries: readonly Entry[],
  full: boolean,
): number {
  let at = offset;
  for (const entry of entries) {
    at = writeUint(target, at, TAG.entries, entrySize(entry, full));
    at = writeEntry(target, at, entry, full);
  }
  return at;
}

/** How many bytes {@link encodeEntry} gives. */
export function encodedEntrySize(entry: Entry, { profile }: WireFormat = STANDARD): number {
  return entrySize(entry, profile === "gogo");
}

/** An entry as raftpb bytes. */
export function encodeEntry(entry: Entry, { profile }: WireFormat = STANDARD): Uint8Array {
  const full = profile === "gogo";
  const bytes = new Uint8Array(entrySize(entry, full));
  writeEntry(bytes, 0, entry, full);
  return bytes;
}

/**
 * The inverse of {@link encodeEntry}; what is absent is 0 or empty. The data are a view of `bytes`.
 * @throws CodecError for anything else.
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  return readEntry(new WireReader(bytes), bytes.byteLength);
}

/** Reads an entry that ends at `end`. */
export function readEntry(reader: WireReader, end: number): Entry {
  let kind: EntryKind = "normal";
  let term = 0;
  let index = 0;
  let data: Uint8Array = EMPTY;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === ENTRY_TAG.term) term = reader.uint();
    else if (tag === ENTRY_TAG.index) index = reader.uint();
    else if (tag === ENTRY_TAG.data) data = reader.data();
    else if (tag === ENTRY_TAG.type) kind = kindOf(reader.uint());
    else reader.skip(tag, FIELDS);
  }
  reader.close(end);
  return { kind, term: term as Term, index: index as LogIndex, data };
}

/** The raftpb EntryType. */
export function kindNumber(kind: EntryKind): number {
  return KINDS.indexOf(kind);
}

function kindOf(value: number): EntryKind {
  const kind = KINDS[value];
  if (kind === undefined) throw new CodecError("unknown-value", `entry type ${value}`);
  return kind;
}
