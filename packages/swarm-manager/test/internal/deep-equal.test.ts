import { expect, test } from "vitest";
import { deepEqual } from "../../src/internal/deep-equal.ts";

test.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: { c: [1, "2"] } }, { b: { c: [1, "2"] }, a: 1 }, true],
  [{ a: undefined }, {}, true],
  [{ a: undefined }, { a: 1 }, false],
  [{ a: null }, {}, false],
  [[1, 2], [2, 1], false],
  [[1], { 0: 1 }, false],
  [[1], [1, 2], false],
  [{}, { constructor: "x" }, false],
  [{ toString: "x" }, {}, false],
  ["1", 1, false],
])("%j and %j: %s", (a, b, equal) => {
  expect(deepEqual(a, b)).toBe(equal);
  expect(deepEqual(b, a)).toBe(equal);
});
