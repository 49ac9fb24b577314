import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedIds } from "../../src/tables/sorted-ids.ts";
import type { IdCursor } from "../../src/tables/sorted-ids.ts";

function walk(cursor: IdCursor): string[] {
  const ids: string[] = [];
  for (let id = cursor.after(""); id !== undefined; id = cursor.after(id)) ids.push(id);
  return ids;
}

const commands = fc.array(
  fc.tuple(fc.constantFrom("add", "delete"), fc.integer({ min: 1, max: 3_000 })),
  { maxLength: 3_000, size: "max" },
);

test("holds the same as a sorted set", () => {
  fc.assert(
    fc.property(commands, (steps) => {
      const ids = new SortedIds();
      const model = new Set<string>();
      for (const [step, number] of steps) {
        const id = `i${number}`;
        if (step === "add" && !model.has(id)) {
          ids.add(id);
          model.add(id);
        } else if (step === "delete" && model.delete(id)) ids.delete(id);
      }
      expect(walk(ids.cursor())).toEqual([...model].sort());
      expect(ids.size).toBe(model.size);
    }),
    { numRuns: 20 },
  );
});

test("a cursor neither skips nor repeats while ids come and go", () => {
  const ids = new SortedIds();
  const initial = Array.from({ length: 5_000 }, (_, i) => `i${String(i).padStart(5, "0")}`);
  for (const id of initial.toReversed()) ids.add(id);
  const cursor = ids.cursor();
  const seen: string[] = [];
  for (let id = cursor.after(""); id !== undefined; id = cursor.after(id)) {
    seen.push(id);
    if (seen.length % 7 === 0) ids.delete(id);
    else if (seen.length % 3 === 0) ids.add(`${id.slice(0, 3)}-${seen.length}`);
  }
  const kept = new Set(seen);
  expect(initial.every((id) => kept.has(id))).toBe(true);
  expect(seen).toEqual([...kept].sort());
});
