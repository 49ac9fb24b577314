import { expect, test } from "vitest";
import { assertPlain, freezePlain } from "../../src/internal/plain.ts";
import { ShapeError } from "../../src/internal/shape.ts";

test("freezes all levels", () => {
  const value = { a: [{ b: 1 }] };
  freezePlain(value, 10);
  expect([value, value.a, value.a[0]].every((item) => Object.isFrozen(item))).toBe(true);
});

test("refuses what does not survive JSON, cycles, and too many values", () => {
  const cyclic: unknown[] = [];
  cyclic.push({ cyclic });
  const wrong = [
    new Date(0),
    { f: () => 0 },
    [Number.NaN],
    { x: 1n },
    new Map(),
    cyclic,
    [[], [], []],
  ];
  for (const value of wrong) expect(() => assertPlain(value, 3)).toThrow(ShapeError);
  expect(() => assertPlain([[], []], 3)).not.toThrow();
});
