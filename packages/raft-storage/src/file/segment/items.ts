import type {
  ConfState,
  Entry,
  EntryKind,
  HardState,
  NodeId,
  SnapshotMetadata,
} from "@waggle/raft-core";
import type { AppendBatch } from "../../store.ts";
import { logIndex, NO_NODE, nodeId, term } from "@waggle/raft-core";
import { MEMBERS_MAX } from "../../limits.ts";
import { getU64, setU64, viewOf } from "./format.ts";

/**
 * What a record's body is made of, one after the other:
 *
 * ```
 * mark        u8 4: nothing; the first segment of all begins with it, and a log that is closed or idle ends with it, so
 *             that its record's header says that all before is synced
 * hard state  u8 1, u64 term, u64 vote, u64 commit
 * entry       u8 2, u8 kind (0 normal, 1 conf-change, 2 conf-change-v2), u64 term, u64 index, u32 length, data
 * snapshot    u8 3, metadata
 * metadata    u64 index, u64 term, u8 autoLeave, then voters, learners, votersOutgoing, learnersNext: u16 count, u64 each
 * ```
 */
export type Item =
  | { readonly type: "mark" }
  | { readonly type: "hard-state"; readonly hardState: HardState }
  | { readonly type: "entry"; readonly entry: Entry }
  | { readonly type: "snapshot"; readonly metadata: SnapshotMetadata };

const HARD_STATE = 1;
const ENTRY = 2;
const SNAPSHOT = 3;
const MARK = 4;
const KINDS: readonly EntryKind[] = ["normal", "conf-change", "conf-change-v2"];
const ENTRY_HEAD_BYTES = 22;
const HARD_STATE_BYTES = 25;

/** Something to be written as the body of a record. */
export interface Body {
  readonly byteLength: number;
  /** Writes itself and returns the offset after it. */
  write(target: Uint8Array, offset: number): number;
}

/** A hard state and snapshot metadata, as far as there are any, behind a mark. */
export function startBody(
  hardState: HardState | undefined,
  metadata: SnapshotMetadata | undefined,
): Body {
  const stateBytes = hardState === undefined ? 0 : HARD_STATE_BYTES;
  const snapshotBytes = metadata === undefined ? 0 : 1 + metadataBytes(metadata);
  return {
    byteLength: 1 + stateBytes + snapshotBytes,
    write: (target, offset) => {
      target[offset] = MARK;
      let at = offset + 1;
      if (hardState !== undefined) at = writeHardState(viewOf(target), at, hardState);
      if (metadata !== undefined) at = writeSnapshot(target, at, metadata);
      return at;
    },
  };
}

/** A body that says nothing. */
export const MARK_BODY: Body = startBody(undefined, undefined);

/** The metadata of a snapshot that comes into force. */
export function snapshotBody(metadata: SnapshotMetadata): Body {
  return {
    byteLength: 1 + metadataBytes(metadata),
    write: (target, offset) => writeSnapshot(target, offset, metadata),
  };
}

/** The batches of one group commit, one after the other. */
export function batchesBody(batches: readonly AppendBatch[]): Body {
  return {
    byteLength: batches.reduce((sum, batch) => sum + batchBytes(batch), 0),
    write: (target, offset) => {
      const view = viewOf(target);
      let at = offset;
      for (const { entries, hardState } of batches) {
        for (const entry of entries) at = writeEntry({ target, view }, at, entry);
        if (hardState !== undefined) at = writeHardState(view, at, hardState);
      }
      return at;
    },
  };
}

/** Bytes of one batch in a body. */
export function batchBytes({ entries, hardState }: AppendBatch): number {
  let bytes = hardState === undefined ? 0 : HARD_STATE_BYTES;
  for (const { data } of entries) bytes += ENTRY_HEAD_BYTES + data.byteLength;
  return bytes;
}

function writeHardState(view: DataView, offset: number, hardState: HardState): number {
  view.setUint8(offset, HARD_STATE);
  setU64(view, offset + 1, hardState.term);
  setU64(view, offset + 9, hardState.vote);
  setU64(view, offset + 17, hardState.commit);
  return offset + HARD_STATE_BYTES;
}

function writeEntry(
  { target, view }: { readonly target: Uint8Array; readonly view: DataView },
  offset: number,
  { kind, term: entryTerm, index, data }: Entry,
): number {
  view.setUint8(offset, ENTRY);
  view.setUint8(offset + 1, KINDS.indexOf(kind));
  setU64(view, offset + 2, entryTerm);
  setU64(view, offset + 10, index);
  view.setUint32(offset + 18, data.byteLength, true);
  target.set(data, offset + ENTRY_HEAD_BYTES);
  return offset + ENTRY_HEAD_BYTES + data.byteLength;
}

function writeSnapshot(target: Uint8Array, offset: number, metadata: SnapshotMetadata): number {
  target[offset] = SNAPSHOT;
  writeMetadata(target, offset + 1, metadata);
  return offset + 1 + metadataBytes(metadata);
}

/** All items of a body, or undefined when it is malformed. */
export function readItems(body: Uint8Array): readonly Item[] | undefined {
  const cursor = new Cursor(body);
  const items: Item[] = [];
  while (!cursor.atEnd) {
    const item = readItem(cursor);
    if (item === undefined || cursor.failed) return undefined;
    items.push(item);
  }
  return items;
}

export function metadataBytes(metadata: SnapshotMetadata): number {
  return 17 + lists(metadata.confState).reduce((sum, list) => sum + 2 + 8 * list.length, 0);
}

export function writeMetadata(target: Uint8Array, start: number, metadata: SnapshotMetadata): void {
  const view = viewOf(target);
  setU64(view, start, metadata.index);
  setU64(view, start + 8, metadata.term);
  target[start + 16] = metadata.confState.autoLeave ? 1 : 0;
  let offset = start + 17;
  for (const list of lists(metadata.confState)) {
    view.setUint16(offset, list.length, true);
    offset += 2;
    for (const id of list) {
      setU64(view, offset, id);
      offset += 8;
    }
  }
}

/** The metadata that fills these bytes exactly, or undefined. */
export function readMetadata(bytes: Uint8Array): SnapshotMetadata | undefined {
  const cursor = new Cursor(bytes);
  const metadata = takeMetadata(cursor);
  return cursor.failed || !cursor.atEnd ? undefined : metadata;
}

function readItem(cursor: Cursor): Item | undefined {
  switch (cursor.u8()) {
    case MARK:
      return { type: "mark" };
    case HARD_STATE: {
      const hardState = {
        term: term(cursor.u64()),
        vote: voteOf(cursor.u64()),
        commit: logIndex(cursor.u64()),
      };
      return { type: "hard-state", hardState };
    }
    case ENTRY: {
      const kind = KINDS[cursor.u8()];
      const entryTerm = term(cursor.u64());
      const index = logIndex(cursor.u64());
      const data = cursor.bytes(cursor.u32());
      if (kind === undefined || index === 0) return undefined;
      return { type: "entry", entry: { kind, term: entryTerm, index, data } };
    }
    case SNAPSHOT:
      return { type: "snapshot", metadata: takeMetadata(cursor) };
    default:
      return undefined;
  }
}

function takeMetadata(cursor: Cursor): SnapshotMetadata {
  const index = logIndex(cursor.u64());
  const snapshotTerm = term(cursor.u64());
  const autoLeave = cursor.u8() === 1;
  const voters = takeList(cursor);
  const learners = takeList(cursor);
  const votersOutgoing = takeList(cursor);
  const learnersNext = takeList(cursor);
  const confState = { voters, learners, votersOutgoing, learnersNext, autoLeave };
  return { index, term: snapshotTerm, confState };
}

function takeList(cursor: Cursor): readonly NodeId[] {
  const count = cursor.u16();
  if (count > MEMBERS_MAX) cursor.fail();
  const list: NodeId[] = [];
  for (let at = 0; at < count && !cursor.failed; at += 1) {
    const id = cursor.u64();
    if (id === 0) cursor.fail();
    else list.push(nodeId(id));
  }
  return list;
}

function voteOf(value: number): NodeId {
  return value === 0 ? NO_NODE : nodeId(value);
}

function lists(confState: ConfState): readonly (readonly NodeId[])[] {
  return [confState.voters, confState.learners, confState.votersOutgoing, confState.learnersNext];
}

// Reads never leave the bytes: what is not there reads as 0 and is remembered as a failure.
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #offset = 0;
  failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  get atEnd(): boolean {
    return this.#offset >= this.#bytes.byteLength;
  }

  fail(): void {
    this.failed = true;
  }

  u8(): number {
    return this.#take(1) ? this.#view.getUint8(this.#offset - 1) : 0;
  }

  u16(): number {
    return this.#take(2) ? this.#view.getUint16(this.#offset - 2, true) : 0;
  }

  u32(): number {
    return this.#take(4) ? this.#view.getUint32(this.#offset - 4, true) : 0;
  }

  u64(): number {
    const value = this.#take(8) ? getU64(this.#view, this.#offset - 8) : 0;
    if (value === undefined) this.fail();
    return value ?? 0;
  }

  // A view, not a copy: a segment is read in one piece, and a copy of each entry would take longer than all the rest.
  bytes(length: number): Uint8Array {
    if (!this.#take(length)) return new Uint8Array(0);
    const { buffer, byteOffset } = this.#bytes;
    return new Uint8Array(buffer, byteOffset + this.#offset - length, length);
  }

  #take(length: number): boolean {
    if (this.failed || this.#offset + length > this.#bytes.byteLength) {
      this.failed = true;
      return false;
    }
    this.#offset += length;
    return true;
  }
}
