import type { ConfState } from "../entry.ts";
import type { NodeId } from "../ids.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { LIST_ELEMENTS_MAX } from "./limits.ts";
import { WireReader, checkRoom } from "./reader.ts";
import { idSize, readId, wireId, writeId } from "./wide-ids.ts";
import type { WideIds } from "./wide-ids.ts";
import { writeUint } from "./write.ts";

/** Of the lists, each id for itself; packed they have wire type 2 instead. */
const VOTERS = 0x08;
const LEARNERS = 0x10;
const VOTERS_OUTGOING = 0x18;
const LEARNERS_NEXT = 0x20;
const AUTO_LEAVE = 0x28;
const VARINT = 0;
const PACKED = 2;
const FIELDS = 5;

/** Bytes of the members. */
export function confStateSize(state: ConfState, ids: WideIds | undefined): number {
  const { voters, learners, votersOutgoing, learnersNext } = state;
  const lists = idsSize(voters, ids) + idsSize(learners, ids);
  return lists + idsSize(votersOutgoing, ids) + idsSize(learnersNext, ids) + 2;
}

function idsSize(list: readonly NodeId[], ids: WideIds | undefined): number {
  let size = list.length;
  for (const id of list) size += idSize(wireId(id, ids));
  return size;
}

/** Writes the members in {@link confStateSize} bytes; the offset behind them. */
export function writeConfState(
  target: Uint8Array,
  offset: number,
  state: ConfState,
  ids: WideIds | undefined,
): number {
  let at = offset;
  for (const id of state.voters) at = writeId(target, at, VOTERS, wireId(id, ids));
  for (const id of state.learners) at = writeId(target, at, LEARNERS, wireId(id, ids));
  for (const id of state.votersOutgoing) at = writeId(target, at, VOTERS_OUTGOING, wireId(id, ids));
  for (const id of state.learnersNext) at = writeId(target, at, LEARNERS_NEXT, wireId(id, ids));
  return writeUint(target, at, AUTO_LEAVE, state.autoLeave ? 1 : 0);
}

/** The members as raftpb bytes, the same in both profiles. */
export function encodeConfState(state: ConfState, { ids }: WireFormat = STANDARD): Uint8Array {
  const bytes = new Uint8Array(confStateSize(state, ids));
  writeConfState(bytes, 0, state, ids);
  return bytes;
}

/** Members while they are read. */
export interface ConfStateDraft {
  readonly voters: NodeId[];
  readonly learners: NodeId[];
  readonly votersOutgoing: NodeId[];
  readonly learnersNext: NodeId[];
  autoLeave: boolean;
}

/** Nobody yet. */
export function confStateDraft(): ConfStateDraft {
  return { voters: [], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false };
}

/**
 * The inverse of {@link encodeConfState}; lists keep their order and may be packed. @throws CodecError for anything else.
 */
export function decodeConfState(bytes: Uint8Array, { ids }: WireFormat = STANDARD): ConfState {
  const state = confStateDraft();
  readConfState(new WireReader(bytes), bytes.byteLength, state, ids);
  return state;
}

/** Reads members up to `end`, and adds them to those of the draft. */
export function readConfState(
  reader: WireReader,
  end: number,
  draft: ConfStateDraft,
  ids: WideIds | undefined,
): void {
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === AUTO_LEAVE) draft.autoLeave = reader.bool();
    else {
      const list = listOf(draft, Math.floor(tag / 8));
      if (list !== undefined && tag % 8 === VARINT) readInto(list, reader, ids);
      else if (list !== undefined && tag % 8 === PACKED) readPacked(list, reader, ids);
      else reader.skip(tag, FIELDS);
    }
  }
  reader.close(end);
}

function listOf(draft: ConfStateDraft, field: number): NodeId[] | undefined {
  switch (field) {
    case 1:
      return draft.voters;
    case 2:
      return draft.learners;
    case 3:
      return draft.votersOutgoing;
    case 4:
      return draft.learnersNext;
    default:
      return undefined;
  }
}

function readPacked(list: NodeId[], reader: WireReader, ids: WideIds | undefined): void {
  const end = reader.block();
  while (reader.at < end) readInto(list, reader, ids);
  reader.close(end);
}

function readInto(list: NodeId[], reader: WireReader, ids: WideIds | undefined): void {
  checkRoom(list, LIST_ELEMENTS_MAX);
  list.push(readId(reader, ids));
}
