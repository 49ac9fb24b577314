import type { Snapshot, SnapshotMetadata } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import { confStateDraft, confStateSize, readConfState, writeConfState } from "./conf-state.ts";
import type { ConfStateDraft } from "./conf-state.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { WireReader } from "./reader.ts";
import type { WideIds } from "./wide-ids.ts";
import { EMPTY, blockSize, bytesSize, varintSize, writeBytes, writeUint } from "./write.ts";

const DATA = 0x0a;
const METADATA = 0x12;
const FIELDS = 2;

const CONF_STATE = 0x0a;
const INDEX = 0x10;
const TERM = 0x18;
const METADATA_FIELDS = 3;

function metadataSize(metadata: SnapshotMetadata, ids: WideIds | undefined): number {
  const { confState, index, term } = metadata;
  return blockSize(confStateSize(confState, ids)) + 2 + varintSize(index) + varintSize(term);
}

function writeMetadata(
  target: Uint8Array,
  offset: number,
  { confState, index, term }: SnapshotMetadata,
  ids: WideIds | undefined,
): number {
  let at = writeUint(target, offset, CONF_STATE, confStateSize(confState, ids));
  at = writeConfState(target, at, confState, ids);
  return writeUint(target, writeUint(target, at, INDEX, index), TERM, term);
}

/** Bytes of a snapshot. */
export function snapshotSize({ data, metadata }: Snapshot, ids: WideIds | undefined): number {
  return bytesSize(data) + blockSize(metadataSize(metadata, ids));
}

/** Writes a snapshot in {@link snapshotSize} bytes; the offset behind it. */
export function writeSnapshot(
  target: Uint8Array,
  offset: number,
  { data, metadata }: Snapshot,
  ids: WideIds | undefined,
): number {
  let at = writeBytes(target, offset, DATA, data);
  at = writeUint(target, at, METADATA, metadataSize(metadata, ids));
  return writeMetadata(target, at, metadata, ids);
}

/** Which state a snapshot holds, as raftpb bytes, the same in both profiles. */
export function encodeSnapshotMetadata(
  metadata: SnapshotMetadata,
  { ids }: WireFormat = STANDARD,
): Uint8Array {
  const bytes = new Uint8Array(metadataSize(metadata, ids));
  writeMetadata(bytes, 0, metadata, ids);
  return bytes;
}

/** A snapshot as raftpb bytes, the same in both profiles. */
export function encodeSnapshot(snapshot: Snapshot, { ids }: WireFormat = STANDARD): Uint8Array {
  const bytes = new Uint8Array(snapshotSize(snapshot, ids));
  writeSnapshot(bytes, 0, snapshot, ids);
  return bytes;
}

interface MetadataDraft {
  index: LogIndex;
  term: Term;
  readonly confState: ConfStateDraft;
}

/** A snapshot while it is read: what comes in several parts is put together. */
export interface SnapshotDraft {
  readonly metadata: MetadataDraft;
  data: Uint8Array;
}

function metadataDraft(): MetadataDraft {
  return { index: 0 as LogIndex, term: 0 as Term, confState: confStateDraft() };
}

/** A snapshot of nothing. */
export function snapshotDraft(): SnapshotDraft {
  return { metadata: metadataDraft(), data: EMPTY };
}

/** The inverse of {@link encodeSnapshotMetadata}; what is absent is 0 or empty. @throws CodecError for anything else. */
export function decodeSnapshotMetadata(
  bytes: Uint8Array,
  { ids }: WireFormat = STANDARD,
): SnapshotMetadata {
  const draft = metadataDraft();
  readMetadata(new WireReader(bytes), bytes.byteLength, draft, ids);
  return draft;
}

/**
 * The inverse of {@link encodeSnapshot}; what is absent is 0 or empty. The data are a view of `bytes`.
 * @throws CodecError for anything else.
 */
export function decodeSnapshot(bytes: Uint8Array, { ids }: WireFormat = STANDARD): Snapshot {
  const draft = snapshotDraft();
  readSnapshot(new WireReader(bytes), bytes.byteLength, draft, ids);
  return draft;
}

/** Reads a snapshot that ends at `end`, over what the draft holds. */
export function readSnapshot(
  reader: WireReader,
  end: number,
  draft: SnapshotDraft,
  ids: WideIds | undefined,
): void {
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === DATA) draft.data = reader.data();
    else if (tag === METADATA) readMetadata(reader, reader.block(), draft.metadata, ids);
    else reader.skip(tag, FIELDS);
  }
  reader.close(end);
}

function readMetadata(
  reader: WireReader,
  end: number,
  draft: MetadataDraft,
  ids: WideIds | undefined,
): void {
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === CONF_STATE) readConfState(reader, reader.block(), draft.confState, ids);
    else if (tag === INDEX) draft.index = reader.uint() as LogIndex;
    else if (tag === TERM) draft.term = reader.uint() as Term;
    else reader.skip(tag, METADATA_FIELDS);
  }
  reader.close(end);
}
