import { expect, test } from "vitest";
import fc from "fast-check";
import { splitLines } from "../../../src/process/logs/split-lines.ts";

function split(text: string, final = false): [string[], number] {
  const { lines, consumedBytes } = splitLines(Buffer.from(text), { lineBytesMax: 4, final });
  return [lines.map((line) => Buffer.from(line).toString()), consumedBytes];
}

test("complete lines are taken, the rest stays", () => {
  expect(split("a\n\nbc\nd")).toEqual([["a", "", "bc"], 6]);
  expect(split("d")).toEqual([[], 0]);
  expect(split("a\r\n")).toEqual([["a\r"], 3]);
});

test("at the end of the output the rest counts", () => {
  expect(split("a\nbc", true)).toEqual([["a", "bc"], 4]);
  expect(split("a\n", true)).toEqual([["a"], 2]);
  expect(split("", true)).toEqual([[], 0]);
});

test("a long line is cut into pieces", () => {
  expect(split("abcdefghij\n")).toEqual([["abcd", "efgh", "ij"], 11]);
  expect(split("abcd\n")).toEqual([["abcd"], 5]);
  expect(split("abcde")).toEqual([["abcd"], 4]);
});

test("however the output arrives, the lines are the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(10, 97, 98)),
      fc.integer({ min: 5, max: 9 }),
      (bytes, step) => {
        const whole = splitLines(Uint8Array.from(bytes), { lineBytesMax: 4, final: true }).lines;
        const pieces: Uint8Array[] = [];
        let at = 0;
        while (at < bytes.length) {
          const chunk = Uint8Array.from(bytes.slice(at, at + step));
          const final = at + step >= bytes.length;
          const { lines, consumedBytes } = splitLines(chunk, { lineBytesMax: 4, final });
          pieces.push(...lines);
          expect(consumedBytes).toBeGreaterThan(0);
          at += consumedBytes;
        }
        expect(pieces).toEqual(whole);
      },
    ),
  );
});
