import { NO_NODE } from "../ids.ts";
import type { ConfChangeSingle } from "../membership/change.ts";
import { TYPES, oneOf } from "./change-type.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { WireReader } from "./reader.ts";
import { idSize, readId, readWide, wireId, writeId } from "./wide-ids.ts";
import { EMPTY, bytesSize, writeBytes, writeUint } from "./write.ts";

const ID = 0x08;
const TYPE = 0x10;
const NODE = 0x18;
const CONTEXT = 0x22;
const FIELDS = 4;

/** The older form of a change of the members: one node in one step. */
export interface ConfChangeV1 extends ConfChangeSingle {
  /** The application's name for the change, of up to 64 bits, carried along unread; 0 when it gave none. */
  readonly id: bigint;
  /** The application's own bytes, carried along unread. */
  readonly context: Uint8Array;
}

/** A change of one member as raftpb ConfChange: the data of an entry of kind `conf-change`. */
export function encodeConfChangeV1(
  { id, type, node, context }: ConfChangeV1,
  { profile, ids }: WireFormat = STANDARD,
): Uint8Array {
  const hasId = id > 0n || profile === "gogo";
  const wire = wireId(node, ids);
  const idBytes = hasId ? 1 + idSize(id) : 0;
  const bytes = new Uint8Array(idBytes + 3 + idSize(wire) + bytesSize(context));
  let at = hasId ? writeId(bytes, 0, ID, id) : 0;
  at = writeUint(bytes, at, TYPE, TYPES.indexOf(type));
  at = writeId(bytes, at, NODE, wire);
  writeBytes(bytes, at, CONTEXT, context);
  return bytes;
}

/**
 * The inverse of {@link encodeConfChangeV1}; what is absent is 0 or empty. The context is a view of `bytes`.
 * @throws CodecError for anything else.
 */
export function decodeConfChangeV1(
  bytes: Uint8Array,
  { ids }: WireFormat = STANDARD,
): ConfChangeV1 {
  const reader = new WireReader(bytes);
  let id = 0n;
  let type: ConfChangeSingle["type"] = "add-voter";
  let node = NO_NODE;
  let context = EMPTY;
  while (reader.at < bytes.byteLength) {
    const tag = reader.varint();
    if (tag === ID) id = readWide(reader);
    else if (tag === TYPE) type = oneOf(TYPES, reader.uint(), "change type");
    else if (tag === NODE) node = readId(reader, ids);
    else if (tag === CONTEXT) context = reader.data();
    else reader.skip(tag, FIELDS);
  }
  return { id, type, node, context };
}
