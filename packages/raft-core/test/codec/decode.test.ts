import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ENTRIES_PER_MESSAGE_MAX,
  decodeConfChange,
  decodeConfChangeV1,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeHardState,
  encodeMessage,
  isCodecError,
} from "../../src/codec/index.ts";
import { WireReader } from "../../src/codec/reader.ts";
import type { HardState } from "../../src/index.ts";
import { anyMessage } from "../messages.ts";
import { toHex } from "./hex.ts";

const BIG = Number.MAX_SAFE_INTEGER;
const SEED = 3;

/** A value, or a CodecError; anything else fails the test. */
function total(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    if (!isCodecError(error)) throw error;
  }
}

/** Where the fields of a message end. */
function fieldEnds(bytes: Uint8Array): number[] {
  const reader = new WireReader(bytes);
  const ends = [0];
  while (reader.at < bytes.byteLength) {
    reader.skip(reader.varint(), 0);
    ends.push(reader.at);
  }
  return ends;
}

/** By the book. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

const decoders = [
  decodeMessage,
  decodeEntry,
  decodeHardState,
  decodeConfState,
  decodeSnapshot,
  decodeSnapshotMetadata,
  decodeConfChange,
  decodeConfChangeV1,
];

const formats = [{ profile: "standard" }, { profile: "gogo" }] as const;

describe("messages come back as they went", () => {
  test.each(formats)("$profile", (format) => {
    fc.assert(
      fc.property(fc.oneof(anyMessage(5), anyMessage(BIG)), (message) => {
        const bytes = encodeMessage(message, format);
        expect(decodeMessage(bytes)).toEqual(message);
        // Nothing of a message may be left out unnoticed, except whole fields at its end.
        expect(toHex(encodeMessage(decodeMessage(bytes), format))).toBe(toHex(bytes));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe("decoding is total", () => {
  test("of random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const decode of decoders) total(decode, bytes);
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  test("of messages with changed, cut, repeated and strange bytes", () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(3));
    fc.assert(
      fc.property(
        anyMessage(300),
        anyMessage(BIG),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (message, other, edits) => {
          let bytes = encodeMessage(message);
          const strange = encodeMessage(other, { profile: "gogo" });
          for (const [place, byte, way] of edits) {
            const at = place % Math.max(1, bytes.byteLength);
            if (way === 0) bytes = bytes.with(Math.min(at, bytes.byteLength - 1), byte);
            else if (way === 1) bytes = bytes.slice(0, Math.max(1, at));
            else if (way === 2) bytes = Uint8Array.from([...bytes.slice(at), ...bytes]);
            else bytes = Uint8Array.from([...bytes.slice(0, at), ...strange, ...bytes.slice(at)]);
          }
          total(decodeMessage, bytes);
        },
      ),
      { seed: SEED, numRuns: 2_000 },
    );
  });

  test("a message that is cut off inside a field is none", () => {
    fc.assert(
      fc.property(anyMessage(BIG), fc.nat(), (message, place) => {
        const bytes = encodeMessage(message);
        const cut = bytes.subarray(0, place % bytes.byteLength);
        const { length } = fieldEnds(bytes).filter((end) => end === cut.byteLength);
        if (length > 0) total(decodeMessage, cut);
        else expect(() => decodeMessage(cut)).toThrow("end inside");
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test("of what was decoded, nothing but numbers that are exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const bytes = Uint8Array.from([0x08, ...varint(value)]);
        if (value <= BigInt(BIG)) expect(BigInt(decodeHardState(bytes).term)).toBe(value);
        else expect(() => decodeHardState(bytes)).toThrow("safe integers");
        // As an unknown field it is passed over, also beyond.
        expect(decodeHardState(Uint8Array.from([0x20, ...varint(value), 0x08, 3])).term).toBe(3);
      }),
      { seed: SEED },
    );
  });

  test.each([
    ["longer than it need be", [0x85, 0x80, 0x00], 5],
    ["ten bytes for nothing", [...Array<number>(9).fill(0x80), 0], 0],
    ["ten bytes for one", [0x81, ...Array<number>(8).fill(0x80), 0], 1],
    ["the largest safe one", [...Array<number>(7).fill(0xff), 0x0f], BIG],
    ["the first of three bytes", [0x80, 0x80, 0x01], 2 ** 14],
    ["the first of four bytes", [0x80, 0x80, 0x80, 0x01], 2 ** 21],
    ["the first of five bytes", [0x80, 0x80, 0x80, 0x80, 0x01], 2 ** 28],
    ["beyond 31 bits", [0xff, 0xff, 0xff, 0xff, 0x0f], 2 ** 32 - 1],
  ])("reads a number: %s", (_what, bytes, value) => {
    expect(decodeHardState(Uint8Array.from([0x18, ...bytes])).commit).toBe(value);
  });

  test.each([
    ["one more than the largest safe one", [...Array<number>(7).fill(0x80), 0x10]],
    ["2^63", [...Array<number>(9).fill(0x80), 1]],
    ["2^64", [...Array<number>(9).fill(0x80), 2]],
    ["eleven bytes", [...Array<number>(10).fill(0x80), 0]],
  ])("refuses a number: %s", (_what, bytes) => {
    const thrown = (): unknown => decodeHardState(Uint8Array.from([0x18, ...bytes]));
    expect(thrown).toThrow(expect.objectContaining({ code: "unsafe-integer" }));
  });

  test.each([
    ["truncated", [0x08]],
    ["truncated", [0x3a, 0x7f, 1]],
    ["unsafe-integer", [0x08, ...Array<number>(10).fill(0xff), 1]],
    ["unsafe-integer", [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    ["truncated", [0x08, 3, 0x3a, 3, 0x22, 2, 1, 2]],
    ["truncated", [0x08, 3, 0x3a, 2, 0x22, 1, 1]],
    ["truncated", [0x08, 7, 0x4a, 4, 0x12, 3, 0x0a, 2, 0x08, 1]],
    ["truncated", [0x7a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ["truncated", [0x7b, 0x08, 1]],
    ["unsafe-integer", [0x78, ...Array<number>(9).fill(0xff), 2]],
    ["wire-type", [0x0b]],
    ["wire-type", [0x0a, 0]],
    ["wire-type", [0x08, 14, 0x60, 1]],
    ["missing-field", [0x08, 15, 0x3a, 0, 0x3a, 0]],
    ["wire-type", [0x00, 0]],
    ["wire-type", [0x7b, 0x00, 0, 0x7c]],
    ["wire-type", [0x7c]],
    ["wire-type", [0x7b, 0x74]],
    ["wire-type", [0x7e]],
    ["wire-type", [0x80, 0x80, 0x80, 0x80, 0x10, 0]],
    ["limit", Array<number>(200).fill(0x7b)],
    ["unknown-value", []],
    ["unknown-value", [0x08, 0]],
    ["unknown-value", [0x08, 3, 0x3a, 2, 0x08, 9]],
    ["out-of-range", [0x08, 5, 0x80, 1, 0x80, 0x80, 0x80, 0x80, 8]],
    ["missing-field", [0x08, 7]],
    ["missing-field", [0x08, 15]],
  ])("%s", (code, bytes) => {
    const thrown = (): unknown => decodeMessage(Uint8Array.from(bytes));
    expect(thrown).toThrow(expect.objectContaining({ name: "CodecError", code }));
  });

  test("passes over unknown fields of any wire type", () => {
    const known = encodeHardState({ term: 5, vote: 2, commit: 10 } as unknown as HardState);
    const unknown = [
      0xf8, 1, 0x80, 1, 0xfa, 1, 1, 7, 0xf9, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0xfd, 1, 1, 2, 3, 4,
    ];
    const group = [0x7b, 0x08, 1, 0x83, 1, 0x12, 1, 7, 0x84, 1, 0x15, 1, 2, 3, 4, 0x7c];
    const last = [0xf8, 0xff, 0xff, 0xff, 0x0f, 0];
    const bytes = Uint8Array.from([...unknown, ...group, ...known, ...last, ...group]);
    expect(decodeHardState(bytes)).toEqual({ term: 5, vote: 2, commit: 10 });
  });

  test("passes over what a member does not need of a message", () => {
    const bytes = [0x08, 14, 0x10, 1, 0x68, 9, 0x72, 2, 0x08, 3, 0x18, 2, 0x20, 1];
    const message = { type: "timeout-now", to: 1, from: 2, term: 1 };
    expect(decodeMessage(Uint8Array.from(bytes))).toEqual(message);
  });

  test("takes fields in any order, the last of a number, and nested parts together", () => {
    expect(decodeHardState(Uint8Array.from([0x18, 1, 0x08, 2, 0x18, 3]))).toMatchObject({
      term: 2,
      commit: 3,
    });
    const parts = [
      [0x12, 6, 0x0a, 2, 0x08, 1, 0x10, 9],
      [0x12, 4, 0x0a, 2, 0x08, 2],
      [0x0a, 1, 7],
      [0x12, 6, 0x0a, 2, 0x10, 3, 0x18, 4],
    ];
    const snapshot = parts.flat();
    expect(decodeSnapshot(Uint8Array.from(snapshot))).toEqual({
      data: Uint8Array.of(7),
      metadata: {
        index: 9,
        term: 4,
        confState: {
          voters: [1, 2],
          learners: [3],
          votersOutgoing: [],
          learnersNext: [],
          autoLeave: false,
        },
      },
    });
    const inMessage = parts.flatMap((part) => [0x4a, part.length, ...part]);
    expect(decodeMessage(Uint8Array.from([...inMessage, 0x08, 7]))).toMatchObject({
      snapshot: decodeSnapshot(Uint8Array.from(snapshot)),
    });
  });

  test("reads packed ids, and packed and single ones mixed", () => {
    expect(decodeConfState(Uint8Array.from([0x0a, 4, 1, 0x80, 1, 3, 0x08, 9])).voters).toEqual([
      1, 128, 3, 9,
    ]);
    expect(() => decodeConfState(Uint8Array.from([0x0a, 1, 0x80, 1]))).toThrow("beyond its");
  });

  test("makes all messages of a kind alike, with the fields in one order", () => {
    const shapes = new Map<string, string>();
    fc.assert(
      fc.property(anyMessage(BIG), fc.constantFrom(...formats), (message, format) => {
        const decoded = decodeMessage(encodeMessage(message, format));
        const shape = Object.keys(decoded).join(" ");
        expect(shapes.get(decoded.type) ?? shape).toBe(shape);
        shapes.set(decoded.type, shape);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test("takes a hint for what it is only with a refusal", () => {
    const hinted = decodeMessage(Uint8Array.of(0x08, 4, 0x28, 3, 0x30, 9, 0x58, 5));
    expect(hinted).toMatchObject({ index: 9, reject: false, rejectHint: 0, logTerm: 0 });
  });

  test("keeps lists short", () => {
    const entries = new Uint8Array(2 + 2 * (ENTRIES_PER_MESSAGE_MAX + 1));
    for (let at = 0; at < entries.byteLength; at += 2) entries[at] = 0x3a;
    entries.set([0x08, 3]);
    expect(() => decodeMessage(entries)).toThrow(expect.objectContaining({ code: "limit" }));
    entries.set([0x08, 3], 2);
    expect(decodeMessage(entries.subarray(2)).type).toBe("append");
    const many = Uint8Array.from(Array<number[]>(4_097).fill([0x12, 0]).flat());
    expect(() => decodeConfChange(many)).toThrow(expect.objectContaining({ code: "limit" }));
    const packed = Uint8Array.from([0x0a, 0x81, 0x20, ...Array<number>(4_097).fill(1)]);
    expect(() => decodeConfState(packed)).toThrow(expect.objectContaining({ code: "limit" }));
  });
});
