import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8, utf8Length } from "../../src/internal/utf8.ts";

const anyText = fc.string({ unit: "binary", maxLength: 300 });

test("encodes as the platform does, after the room that was asked for", () => {
  fc.assert(
    fc.property(anyText, fc.nat(5), (text, offset) => {
      const expected = new TextEncoder().encode(text);
      expect(encodeUtf8(text, offset).subarray(offset)).toEqual(expected);
      expect(utf8Length(text)).toBe(expected.length);
    }),
  );
});

test("a lone surrogate becomes U+FFFD", () => {
  for (const text of ["\ud800", "a\udc00b", "\ud83dx"]) {
    expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    expect(utf8Length(text)).toBe(encodeUtf8(text).length);
  }
});

test("decodes what the platform decodes and refuses what it refuses", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const near = fc.array(
    fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xa0, 0xed, 0xef, 0xf0, 0x90, 0xf4, 0xf5),
    { maxLength: 6 },
  );
  const bytes = fc.oneof(
    near.map((items) => Uint8Array.from(items)),
    anyText.map((text) => encodeUtf8(text)),
    fc.uint8Array({ maxLength: 20 }),
  );
  fc.assert(
    fc.property(bytes, (data) => {
      let expected: string | undefined;
      try {
        expected = decoder.decode(data);
      } catch {
        expected = undefined;
      }
      expect(decodeUtf8(data)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

test("long ASCII is read in runs", () => {
  const text = "x".repeat(100_000);
  expect(decodeUtf8(encodeUtf8(text))).toBe(text);
});
