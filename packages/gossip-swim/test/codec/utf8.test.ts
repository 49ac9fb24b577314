import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../src/codec/utf8.ts";
import { isCodecError } from "../../src/index.ts";

/** Any text, lone surrogates included. */
const anyText = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff), fc.nat(0x10ffff)), { maxLength: 12 })
  .map((points) => String.fromCodePoint(...points));

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

test("encodes as the platform does, lone surrogates included", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(encodeUtf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
  expect(encodeUtf8("a\ud800b")).toEqual(new TextEncoder().encode("a\ud800b"));
});

test("decodes as the platform's strict decoder does", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.array(fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xa0, 0xf0, 0xf4, 0x90)),
    anyText.map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(bytes, (list) => {
      const data = Uint8Array.from(list);
      let expected: string | undefined;
      try {
        expected = strict.decode(data);
      } catch {
        expected = undefined;
      }
      try {
        expect(decodeUtf8(data)).toBe(expected);
      } catch (error) {
        if (!isCodecError(error)) throw error;
        expect(expected).toBeUndefined();
      }
    }),
    { numRuns: 1000 },
  );
});
