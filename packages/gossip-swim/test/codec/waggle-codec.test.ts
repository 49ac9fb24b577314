import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createWaggleCodec,
  incarnationMax,
  isCodecError,
  type PacketMessage,
  type StateEntry,
  type StreamMessage,
} from "../../src/index.ts";

const codec = createWaggleCodec();

const name = fc.string({ minLength: 1, maxLength: 30, unit: "grapheme-ascii" });
const anyName = fc.oneof(name, fc.constant("é🐝"), fc.constant("x".repeat(128)));
const incarnation = fc.integer({ min: 0, max: incarnationMax });
const sequence = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const address = fc.record({
  host: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const meta = fc.uint8Array({ maxLength: 512 });
const type = <T extends string>(text: T) => fc.constant(text);
const from = fc.oneof(anyName, fc.constant(""));
const ping = fc.record({ type: type("ping"), sequence, target: anyName, from: anyName });
const ack = fc.record({ type: type("ack"), sequence });
const message: fc.Arbitrary<PacketMessage> = fc.oneof(
  ping,
  fc.record({ type: type("ping-request"), sequence, target: anyName, from: anyName }),
  ack,
  fc.record({ type: type("alive"), name: anyName, incarnation, address, meta }),
  fc.record({ type: type("suspect"), name: anyName, incarnation, from }),
  fc.record({ type: type("dead"), name: anyName, incarnation, from }),
);
const entry: fc.Arbitrary<StateEntry> = fc.record({
  name: anyName,
  incarnation,
  address,
  meta,
  state: fc.constantFrom("alive", "suspect", "dead", "left"),
});
const streamMessage: fc.Arbitrary<StreamMessage> = fc.oneof(
  ping,
  ack,
  fc.record({
    type: type("state"),
    reply: fc.boolean(),
    from: anyName,
    entries: fc.array(entry, { maxLength: 10 }),
  }),
);

const encodePacket = (messages: PacketMessage[]) =>
  codec.encodePacket(messages.map((each) => codec.encodePart(each)));

/** Decoding either succeeds or throws a CodecError. */
function isTotal(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    return isCodecError(error);
  }
}

test("what is encoded is decoded again", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      expect(codec.decodePacket(encodePacket(messages))).toEqual(messages);
    }),
  );
  fc.assert(
    fc.property(streamMessage, (each) => {
      expect(codec.decodeStream(codec.encodeStream(each))).toEqual(each);
    }),
  );
});

test("the announced sizes are right", () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), (messages) => {
      let bytes = codec.packetOverheadBytes;
      for (const each of messages) bytes += codec.encodePart(each).length + codec.partOverheadBytes;
      expect(encodePacket(messages)).toHaveLength(bytes);
    }),
  );
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 10 }), anyName, (entries, sender) => {
      const state = { type: "state", reply: true, from: sender, entries } as const;
      const body = entries.reduce((sum, each) => sum + codec.entryBytes(each), 0);
      const overhead = codec.encodeStream(state).length - body;
      expect(overhead).toBeGreaterThan(0);
      expect(overhead).toBeLessThanOrEqual(codec.stateOverheadBytesMax);
    }),
  );
});

test("any bytes give messages or a CodecError", () => {
  const header = fc.constantFrom([], [0x57, 1], [0x57, 1, 7, 0]);
  fc.assert(
    fc.property(header, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
      const bytes = Uint8Array.from([...head, ...tail]);
      return isTotal(() => codec.decodePacket(bytes)) && isTotal(() => codec.decodeStream(bytes));
    }),
    { numRuns: 1000 },
  );
});

test("a changed byte gives messages or a CodecError, a missing one always an error", () => {
  fc.assert(
    fc.property(message, streamMessage, fc.nat(), fc.nat(255), (one, other, at, byte) => {
      for (const [bytes, decode] of [
        [encodePacket([one]), (data: Uint8Array) => codec.decodePacket(data)],
        [codec.encodeStream(other), (data: Uint8Array) => codec.decodeStream(data)],
      ] as const) {
        const changed = bytes.slice();
        changed[at % bytes.length] = byte;
        expect(isTotal(() => decode(changed))).toBe(true);
        expect(() => decode(bytes.subarray(0, at % bytes.length))).toThrow();
        expect(isTotal(() => decode(bytes.subarray(0, at % bytes.length)))).toBe(true);
      }
    }),
  );
});

test.each([
  ["another version", [0x57, 2, 0, 5, 3, 0, 0, 0, 1], "unsupported"],
  ["another magic", [0x58, 1, 0, 5, 3, 0, 0, 0, 1], "malformed"],
  ["no message", [0x57, 1], "truncated"],
  ["bytes left over in a part", [0x57, 1, 0, 6, 3, 0, 0, 0, 1, 9], "malformed"],
  ["unknown kind", [0x57, 1, 0, 1, 99], "unsupported"],
  ["name too long", [0x57, 1, 0, 6, 1, 0, 0, 0, 1, 129], "too-large"],
  ["empty name", [0x57, 1, 0, 6, 1, 0, 0, 0, 1, 0], "malformed"],
  ["state in a packet", [0x57, 1, 0, 1, 7], "unsupported"],
])("refuses %s", (_, bytes, code) => {
  expect(() => codec.decodePacket(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ code }) as Error,
  );
});

test("a count of entries that the bytes cannot hold is refused before anything is allocated", () => {
  const bytes = Uint8Array.from([0x57, 1, 7, 0, 1, 97, 0xff, 0xff, 0xff, 0xff]);
  expect(() => codec.decodeStream(bytes)).toThrow("announced");
});

test("the format stays what it is", () => {
  const bytes = encodePacket([
    { type: "ping", sequence: 258, target: "b", from: "a" },
    {
      type: "alive",
      name: "a",
      incarnation: 1,
      address: { host: "h", port: 7946 },
      meta: Uint8Array.of(255),
    },
  ]);
  expect(Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ")).toBe(
    "57 01 00 09 01 00 00 01 02 01 62 01 61 00 0e 04 01 61 00 00 00 01 01 68 1f 0a 00 01 ff",
  );
});
