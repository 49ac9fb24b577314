import { CodecError } from "../errors.ts";
import { assert } from "../internal/assert.ts";
import { packetBytesReceivedMax, packetMessagesMax } from "../limits.ts";
import type { MemberState } from "../member.ts";
import type { SwimCodec } from "./codec.ts";
import type { PacketMessage, StateEntry, StreamMessage } from "./messages.ts";
import { Reader } from "./reader.ts";
import { encodeUtf8 } from "./utf8.ts";
import { Writer } from "./writer.ts";

/*
 * packet = 0x57 0x01 part+                    part = length:u16 kind:u8 body
 * stream = 0x57 0x01 kind:u8 body
 * name, host = length:u8 UTF-8                meta = length:u16 bytes
 */
const magic = 0x57;
const version = 1;

const kinds = {
  ping: 1,
  "ping-request": 2,
  ack: 3,
  alive: 4,
  suspect: 5,
  dead: 6,
  state: 7,
} as const satisfies Record<PacketMessage["type"] | StreamMessage["type"], number>;

const states: readonly MemberState[] = ["alive", "suspect", "dead", "left"];

/** Bytes of a state entry besides its texts and meta: three length fields, incarnation, port, state. */
const entryFixedBytes = 1 + 4 + 1 + 2 + 2 + 1;

/** The wire format of this package, version 1: compact, and every field bounded. */
export function createWaggleCodec(): SwimCodec {
  return {
    encodePart: (message) => {
      const writer = new Writer();
      writer.u8(kinds[message.type]);
      writePacketBody(writer, message);
      return writer.finish();
    },
    encodePacket,
    packetOverheadBytes: 2,
    partOverheadBytes: 2,
    decodePacket,
    encodeStream: (message) => {
      const writer = new Writer(message.type === "state" ? 64 * message.entries.length + 256 : 64);
      writer.u8(magic);
      writer.u8(version);
      writer.u8(kinds[message.type]);
      writeStreamBody(writer, message);
      return writer.finish();
    },
    entryBytes: (entry) =>
      entryFixedBytes +
      encodeUtf8(entry.name).length +
      encodeUtf8(entry.address.host).length +
      entry.meta.length,
    stateOverheadBytesMax: 256,
    decodeStream,
  };
}

function encodePacket(parts: readonly Uint8Array[]): Uint8Array {
  assert(parts.length > 0 && parts.length <= packetMessagesMax, "bad number of parts");
  const writer = new Writer(256);
  writer.u8(magic);
  writer.u8(version);
  for (const part of parts) {
    writer.u16(part.length);
    writer.raw(part);
  }
  return writer.finish();
}

function decodePacket(bytes: Uint8Array): PacketMessage[] {
  if (bytes.length > packetBytesReceivedMax)
    throw new CodecError("too-large", "the packet exceeds its limit");
  const reader = new Reader(bytes);
  readHeader(reader);
  const messages: PacketMessage[] = [];
  do {
    if (messages.length >= packetMessagesMax)
      throw new CodecError("too-large", "too many messages in one packet");
    const part = new Reader(reader.raw(reader.u16()));
    messages.push(readPacketBody(part, part.u8()));
    part.end();
  } while (reader.remaining > 0);
  return messages;
}

function decodeStream(bytes: Uint8Array): StreamMessage {
  const reader = new Reader(bytes);
  readHeader(reader);
  const message = readStreamBody(reader, reader.u8());
  reader.end();
  return message;
}

function readHeader(reader: Reader): void {
  if (reader.u8() !== magic) throw new CodecError("malformed", "wrong magic byte");
  if (reader.u8() !== version) throw new CodecError("unsupported", "another version of the format");
}

function writePacketBody(writer: Writer, message: PacketMessage): void {
  switch (message.type) {
    case "ping":
    case "ping-request":
      writer.u32(message.sequence);
      writer.text(message.target);
      writer.text(message.from);
      return;
    case "ack":
      writer.u32(message.sequence);
      return;
    case "alive":
      writer.text(message.name);
      writer.u32(message.incarnation);
      writer.address(message.address);
      writer.blob(message.meta);
      return;
    case "suspect":
    case "dead":
      writer.text(message.name);
      writer.u32(message.incarnation);
      writer.text(message.from);
  }
}

function readPacketBody(reader: Reader, kind: number): PacketMessage {
  switch (kind) {
    case kinds.ping:
    case kinds["ping-request"]:
      return {
        type: kind === kinds.ping ? "ping" : "ping-request",
        sequence: reader.u32(),
        target: reader.name({ emptyAllowed: false }),
        from: reader.name({ emptyAllowed: false }),
      };
    case kinds.ack:
      return { type: "ack", sequence: reader.u32() };
    case kinds.alive:
      return {
        type: "alive",
        name: reader.name({ emptyAllowed: false }),
        incarnation: reader.incarnation(),
        address: reader.address(),
        meta: reader.meta(),
      };
    case kinds.suspect:
    case kinds.dead:
      return {
        type: kind === kinds.suspect ? "suspect" : "dead",
        name: reader.name({ emptyAllowed: false }),
        incarnation: reader.incarnation(),
        from: reader.name({ emptyAllowed: true }),
      };
    default:
      throw new CodecError("unsupported", `unknown kind of message: ${kind}`);
  }
}

function writeStreamBody(writer: Writer, message: StreamMessage): void {
  if (message.type !== "state") {
    writePacketBody(writer, message);
    return;
  }
  writer.u8(message.reply ? 1 : 0);
  writer.text(message.from);
  writer.u32(message.entries.length);
  for (const entry of message.entries) {
    writer.text(entry.name);
    writer.u32(entry.incarnation);
    writer.address(entry.address);
    writer.blob(entry.meta);
    writer.u8(states.indexOf(entry.state));
  }
}

function readStreamBody(reader: Reader, kind: number): StreamMessage {
  if (kind !== kinds.state) {
    const message = readPacketBody(reader, kind);
    if (message.type === "ping" || message.type === "ack") return message;
    throw new CodecError("unsupported", `${message.type} does not belong on a stream`);
  }
  const reply = reader.u8();
  if (reply > 1) throw new CodecError("malformed", "reply flag out of range");
  const from = reader.name({ emptyAllowed: false });
  const count = reader.u32();
  // The count is only believed as far as the bytes reach.
  if (count * (entryFixedBytes + 2) > reader.remaining)
    throw new CodecError("truncated", "fewer entries than announced");
  const entries: StateEntry[] = [];
  for (let n = 0; n < count; n += 1) entries.push(readEntry(reader));
  return { type: "state", reply: reply === 1, from, entries };
}

function readEntry(reader: Reader): StateEntry {
  const name = reader.name({ emptyAllowed: false });
  const incarnation = reader.incarnation();
  const address = reader.address();
  const meta = reader.meta();
  const state = states[reader.u8()];
  if (state === undefined) throw new CodecError("malformed", "state out of range");
  return { name, incarnation, address, meta, state };
}
