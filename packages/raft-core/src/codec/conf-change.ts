import type { Entry } from "../entry.ts";
import { NO_NODE } from "../ids.ts";
import type { NodeId } from "../ids.ts";
import type { ConfChange, ConfChangeSingle } from "../membership/change.ts";
import { decodeConfChangeV1 } from "./conf-change-v1.ts";
import { TYPES, oneOf } from "./change-type.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { LIST_ELEMENTS_MAX } from "./limits.ts";
import { WireReader, checkRoom } from "./reader.ts";
import { idSize, readId, wireId, writeId } from "./wide-ids.ts";
import type { WideIds } from "./wide-ids.ts";
import { EMPTY, blockSize, bytesSize, writeBytes, writeUint } from "./write.ts";

const TRANSITION = 0x08;
const CHANGES = 0x12;
const CONTEXT = 0x1a;
const FIELDS = 3;

const TYPE = 0x08;
const NODE = 0x10;
const SINGLE_FIELDS = 2;

const TRANSITIONS: readonly ConfChange["transition"][] = [
  "auto",
  "joint-implicit",
  "joint-explicit",
];

/** A change of the members as raftpb ConfChangeV2, the same in both profiles: the data of an entry of kind `conf-change-v2`. */
export function encodeConfChange(
  { transition, changes, context }: ConfChange,
  { ids }: WireFormat = STANDARD,
): Uint8Array {
  let size = 2 + bytesSize(context);
  for (const { node } of changes) size += blockSize(singleSize(node, ids));
  const bytes = new Uint8Array(size);
  let at = writeUint(bytes, 0, TRANSITION, TRANSITIONS.indexOf(transition));
  for (const { type, node } of changes) {
    at = writeUint(bytes, at, CHANGES, singleSize(node, ids));
    at = writeUint(bytes, at, TYPE, TYPES.indexOf(type));
    at = writeId(bytes, at, NODE, wireId(node, ids));
  }
  writeBytes(bytes, at, CONTEXT, context);
  return bytes;
}

function singleSize(node: NodeId, ids: WideIds | undefined): number {
  return 3 + idSize(wireId(node, ids));
}

/**
 * The inverse of {@link encodeConfChange}; no bytes mean "leave the joint configuration". The context is a view of
 * `bytes`. @throws CodecError for anything else.
 */
export function decodeConfChange(bytes: Uint8Array, { ids }: WireFormat = STANDARD): ConfChange {
  const reader = new WireReader(bytes);
  let transition: ConfChange["transition"] = "auto";
  const changes: ConfChangeSingle[] = [];
  let context = EMPTY;
  while (reader.at < bytes.byteLength) {
    const tag = reader.varint();
    if (tag === TRANSITION) transition = oneOf(TRANSITIONS, reader.uint(), "transition");
    else if (tag === CHANGES) {
      checkRoom(changes, LIST_ELEMENTS_MAX);
      changes.push(readSingle(reader, ids));
    } else if (tag === CONTEXT) context = reader.data();
    else reader.skip(tag, FIELDS);
  }
  return { transition, changes, context };
}

function readSingle(reader: WireReader, ids: WideIds | undefined): ConfChangeSingle {
  const end = reader.block();
  let type: ConfChangeSingle["type"] = "add-voter";
  let node = NO_NODE;
  while (reader.at < end) {
    const tag = reader.varint();
    if (tag === TYPE) type = oneOf(TYPES, reader.uint(), "change type");
    else if (tag === NODE) node = readId(reader, ids);
    else reader.skip(tag, SINGLE_FIELDS);
  }
  reader.close(end);
  return { type, node };
}

/** The change that an entry holds; undefined for a normal entry. @throws CodecError when its data are not one. */
export function confChangeOf(
  { kind, data }: Pick<Entry, "kind" | "data">,
  format: WireFormat = STANDARD,
): ConfChange | undefined {
  switch (kind) {
    case "normal":
      return undefined;
    case "conf-change": {
      const { type, node, context } = decodeConfChangeV1(data, format);
      return { transition: "auto", changes: [{ type, node }], context };
    }
    case "conf-change-v2":
      return decodeConfChange(data, format);
  }
}
