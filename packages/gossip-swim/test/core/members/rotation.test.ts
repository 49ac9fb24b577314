import { createRandom } from "@waggle/simkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { MemberRecord } from "../../../src/core/members/record.ts";
import { Rotation } from "../../../src/core/members/rotation.ts";
import { MemberTable } from "../../../src/core/members/table.ts";

const record = (name: string): MemberRecord => ({
  name,
  address: { host: name, port: 1 },
  meta: new Uint8Array(0),
  state: "alive",
  incarnation: 1,
  changedAtMs: 0,
});

function setup(seed: number, others: number) {
  const random = createRandom(seed);
  const table = new MemberTable(record("self"), random);
  const rotation = new Rotation(random);
  for (let n = 0; n < others; n += 1) {
    table.add(record(`m${n}`));
    rotation.add(`m${n}`);
  }
  return { table, rotation };
}

test("every lap has each member once, in changing order", () => {
  const { table, rotation } = setup(1, 8);
  const laps = Array.from({ length: 6 }, () =>
    Array.from({ length: 8 }, () => rotation.next(table, () => true)!.name),
  );
  for (const lap of laps) expect(new Set(lap).size).toBe(8);
  expect(new Set(laps.map((lap) => lap.join())).size).toBeGreaterThan(3);
});

test("two members: the only other one has every turn; alone: nobody", () => {
  const { table, rotation } = setup(1, 1);
  for (let n = 0; n < 5; n += 1) expect(rotation.next(table, () => true)!.name).toBe("m0");
  expect(rotation.next(table, () => false)).toBeUndefined();
  const alone = setup(1, 0);
  expect(alone.rotation.next(alone.table, () => true)).toBeUndefined();
});

test("a sample has different members, never the local one, and all of them if asked for enough", () => {
  fc.assert(
    fc.property(fc.nat(1000), fc.nat(20), fc.nat(25), (seed, others, count) => {
      const { table } = setup(seed, others);
      const names = table.sample(count, () => true).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toContain("self");
      expect(names.length).toBe(Math.min(count, others));
    }),
  );
});

test("counts follow states and removals", () => {
  const { table } = setup(1, 4);
  table.setState(table.get("m0")!, "suspect", 1);
  table.setState(table.get("m1")!, "dead", 1);
  table.setState(table.get("m2")!, "left", 1);
  expect([table.size, table.activeCount, table.deadCount]).toEqual([5, 3, 1]);
  table.removeWhere(({ state }) => state !== "alive");
  expect([table.size, table.activeCount, table.deadCount]).toEqual([2, 2, 0]);
  expect(table.all()[0]).toBe(table.local);
});
