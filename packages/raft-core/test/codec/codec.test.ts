import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeConfChange,
  decodeConfChangeV1,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  decodeSnapshotMetadata,
  encodeConfChange,
  encodeConfState,
  encodeEntry,
  encodeHardState,
  encodeMessage,
  encodeSnapshotMetadata,
  isCodecError,
} from "../../src/codec/index.ts";
import type { ConfChange, Entry, HardState } from "../../src/index.ts";
import { anyConfState, anyMessage } from "../messages.ts";

const BIG = Number.MAX_SAFE_INTEGER;

/** A value, or a CodecError; anything else fails the test. */
function total(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    if (!isCodecError(error)) throw error;
  }
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

describe("round trips", () => {
  test("messages", () => {
    fc.assert(
      fc.property(fc.oneof(anyMessage(5), anyMessage(BIG)), (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
    );
  });

  test("states, entries, changes", () => {
    const n = fc.integer({ min: 0, max: BIG });
    fc.assert(
      fc.property(anyConfState(BIG), n, n, (confState, index, term) => {
        expect(decodeConfState(encodeConfState(confState))).toEqual(confState);
        const metadata = { index, term, confState } as never;
        expect(decodeSnapshotMetadata(encodeSnapshotMetadata(metadata))).toEqual(metadata);
        const hard = { term, vote: index, commit: index } as unknown as HardState;
        expect(decodeHardState(encodeHardState(hard))).toEqual(hard);
        const entry = {
          kind: "conf-change",
          index,
          term,
          data: Uint8Array.of(1),
        } as unknown as Entry;
        expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
        const change = {
          transition: "joint-explicit",
          changes: [{ type: "add-learner", node: index }],
          context: Uint8Array.of(7),
        } as unknown as ConfChange;
        expect(decodeConfChange(encodeConfChange(change))).toEqual(change);
      }),
    );
  });
});

describe("decoding is total", () => {
  test("of random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const decode of decoders) total(decode, bytes);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of messages with changed, cut and repeated bytes", () => {
    const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2));
    fc.assert(
      fc.property(
        anyMessage(300),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        (message, edits) => {
          let bytes = encodeMessage(message);
          for (const [place, byte, way] of edits) {
            const at = place % Math.max(1, bytes.byteLength);
            if (way === 0) bytes = bytes.with(Math.min(at, bytes.byteLength - 1), byte);
            else if (way === 1) bytes = bytes.slice(0, Math.max(1, at));
            else bytes = Uint8Array.from([...bytes.slice(at), ...bytes]);
          }
          total(decodeMessage, bytes);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["truncated", [0x08]],
    ["truncated", [0x3a, 0x7f, 1]],
    ["unsafe-integer", [0x08, ...Array<number>(10).fill(0xff), 1]],
    ["unsafe-integer", [0x20, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f]],
    ["wire-type", [0x0b]],
    ["wire-type", [0x0a, 0]],
    ["wire-type", [0x00, 0]],
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
    const bytes = Uint8Array.from([...unknown, ...known]);
    expect(decodeHardState(bytes)).toEqual({ term: 5, vote: 2, commit: 10 });
  });

  test("keeps lists short", () => {
    const many = Uint8Array.from(Array<number[]>(4_097).fill([0x12, 0]).flat());
    expect(() => decodeConfChange(many)).toThrow(expect.objectContaining({ code: "limit" }));
    const packed = Uint8Array.from([0x0a, 0x81, 0x20, ...Array<number>(4_097).fill(1)]);
    expect(() => decodeConfState(packed)).toThrow(expect.objectContaining({ code: "limit" }));
  });
});
