import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ENCODER_BLOCK_BYTES,
  PRESENT_EMPTY,
  createMessageEncoder,
  decodeEntry,
  decodeMessage,
  decodeSnapshotMetadata,
  encodeEntry,
  encodeMessage,
  encodeMessageInto,
  encodeSnapshotMetadata,
  encodedEntrySize,
  encodedMessageSize,
} from "../../src/codec/index.ts";
import { anyConfState, anyEntry, anyMessage } from "../messages.ts";
import { toHex } from "./hex.ts";

const BIG = Number.MAX_SAFE_INTEGER;
const SEED = 3;
const formats = [{ profile: "standard" }, { profile: "gogo" }] as const;

describe.each(formats)("sizes are exact, $profile", (format) => {
  test("of messages, also in the middle of a larger buffer", () => {
    fc.assert(
      fc.property(anyMessage(BIG), fc.nat(20), (message, offset) => {
        const bytes = encodeMessage(message, format);
        expect(encodedMessageSize(message, format)).toBe(bytes.byteLength);
        const target = new Uint8Array(offset + bytes.byteLength + 1).fill(0xaa);
        const end = encodeMessageInto(message, target, offset, format);
        expect(end).toBe(offset + bytes.byteLength);
        expect(toHex(target.subarray(offset, end))).toBe(toHex(bytes));
        expect(target.subarray(0, offset).every((byte) => byte === 0xaa)).toBe(true);
        expect(target[end]).toBe(0xaa);
      }),
      { seed: SEED },
    );
  });

  test("of entries", () => {
    fc.assert(
      fc.property(anyEntry(BIG), (entry) => {
        expect(encodedEntrySize(entry, format)).toBe(encodeEntry(entry, format).byteLength);
      }),
      { seed: SEED },
    );
  });

  test("at the edges of what a number of bytes can hold", () => {
    for (let bits = 1; bits <= 53; bits += 1) {
      for (const term of [2 ** bits - 2, 2 ** bits - 1, Math.min(2 ** bits, BIG)]) {
        const entry = { kind: "normal", term, index: term, data: new Uint8Array(3) } as never;
        expect(decodeEntry(encodeEntry(entry, format))).toEqual(entry);
      }
    }
  });
});

test("what does not fit is refused, wherever it ends", () => {
  fc.assert(
    fc.property(anyMessage(BIG), fc.nat(), (message, place) => {
      const target = new Uint8Array(place % encodedMessageSize(message));
      expect(() => encodeMessageInto(message, target, 0)).toThrow(RangeError);
    }),
    { seed: SEED },
  );
});

test("entries of any length are copied whole", () => {
  for (let length = 0; length < 200; length += 1) {
    const data = Uint8Array.from({ length }, (_, at) => at + 1);
    const entry = { kind: "normal", term: 1, index: 1, data } as never;
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  }
});

describe.each(formats)("an encoder, $profile", (format) => {
  test("gives what a buffer each would hold, and leaves it alone", () => {
    const large = { kind: "normal", data: new Uint8Array(ENCODER_BLOCK_BYTES / 3) };
    const propose = { type: "propose", from: 1, to: 2, term: 0 };
    const some = fc.constantFrom(
      { ...propose, entries: [large] },
      { ...propose, entries: [large, large] },
    ) as fc.Arbitrary<unknown> as ReturnType<typeof anyMessage>;
    const messages = fc.array(fc.oneof(anyMessage(BIG), some), { maxLength: 20 });
    fc.assert(
      fc.property(messages, (all) => {
        const encoder = createMessageEncoder(format);
        const encoded = all.map((message) => encoder.encode(message));
        for (const [at, bytes] of encoded.entries())
          expect(Buffer.compare(bytes, encodeMessage(all[at]!, format))).toBe(0);
      }),
      { seed: SEED },
    );
  });
});

test("an encoder's blocks hold many small messages and no large one", () => {
  const encoder = createMessageEncoder();
  const message = { type: "timeout-now", from: 1, to: 2, term: 1 } as never;
  const first = encoder.encode(message);
  expect(encoder.encode(message).buffer).toBe(first.buffer);
  expect(first.buffer.byteLength).toBe(ENCODER_BLOCK_BYTES);
  const data = new Uint8Array(ENCODER_BLOCK_BYTES / 2);
  const entries = [{ kind: "normal", data }];
  const large = encoder.encode({ type: "propose", from: 1, to: 2, term: 0, entries } as never);
  expect(large.buffer.byteLength).toBe(large.byteLength);
  expect(encoder.encode(message).buffer).toBe(first.buffer);
});

test("snapshot metadata come back as they went", () => {
  const number = fc.nat(BIG);
  fc.assert(
    fc.property(anyConfState(BIG), number, number, (confState, index, term) => {
      const metadata = { index, term, confState } as never;
      expect(decodeSnapshotMetadata(encodeSnapshotMetadata(metadata))).toEqual(metadata);
    }),
    { seed: SEED },
  );
});

describe("who owns the bytes", () => {
  const entry = { kind: "normal", term: 1, index: 1, data: Uint8Array.of(1, 2, 3) } as never;
  const append = {
    ...{ type: "append", from: 1, to: 2, term: 1, index: 0, logTerm: 0, commit: 0 },
    entries: [entry, entry],
  } as never;

  test("an encoded message has a buffer of its own", () => {
    const bytes = encodeMessage(append);
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
    expect(bytes.buffer).not.toBe(encodeMessage(append).buffer);
  });

  test("decoded data are views of what they are decoded from, and plain ones", () => {
    const bytes = Buffer.from(encodeMessage(append));
    const message = decodeMessage(bytes);
    if (message.type !== "append") throw new Error("not what was sent");
    for (const { data } of message.entries) {
      expect(data).toEqual(Uint8Array.of(1, 2, 3));
      expect(data.buffer).toBe(bytes.buffer);
      expect(Object.getPrototypeOf(data)).toBe(Uint8Array.prototype);
    }
  });

  test("empty data that are there stay there", () => {
    const { data } = decodeEntry(Uint8Array.of(0x10, 1, 0x22, 0));
    expect(data).toBe(PRESENT_EMPTY);
    expect(decodeEntry(Uint8Array.of(0x10, 1)).data).not.toBe(PRESENT_EMPTY);
  });
});
