import fc from "fast-check";
import { expect, test } from "vitest";
import type { LogIndex } from "../../src/index.ts";
import { Inflights } from "../../src/progress/inflights.ts";

const index = (value: number): LogIndex => value as LogIndex;

/** The same by definition: a list of what is on its way. */
class NaiveWindow {
  appends: { last: number; bytes: number }[] = [];
  limits = { appends: 12, bytes: 150 };

  get bytes(): number {
    return this.appends.reduce((sum, { bytes }) => sum + bytes, 0);
  }
  get full(): boolean {
    return this.appends.length >= this.limits.appends || this.bytes >= this.limits.bytes;
  }
  get last(): number {
    return this.appends.at(-1)?.last ?? 0;
  }
}

const size = fc.nat(20);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("add"), by: fc.nat(3), bytes: size }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("extend"), by: fc.nat(3), bytes: size }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("free"), by: fc.nat(4), bytes: size }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear"), by: fc.nat(1), bytes: size }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("limit"),
      by: fc.integer({ min: 1, max: 12 }),
      bytes: fc.integer({ min: 1, max: 150 }),
    }),
  },
);

test("a window is a list of appends, however its limits change", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const naive = new NaiveWindow();
      const window = new Inflights(naive.limits);
      let newest = 1;
      for (const { do: what, by, bytes } of steps) {
        const { full, last, appends } = naive;
        if (what === "add" && !full) {
          newest += by;
          window.add(index(newest), bytes);
          appends.push({ last: newest, bytes });
        } else if (what === "extend" && appends.length > 0) {
          newest = last + by;
          window.extend(index(newest), bytes);
          const { bytes: before } = appends.pop()!;
          appends.push({ last: newest, bytes: before + bytes });
        } else if (what === "free") {
          const upTo = (appends[0]?.last ?? 0) + by - 1;
          window.freeTo(index(upTo));
          naive.appends = appends.filter((append) => append.last > upTo);
        } else if (what === "limit") {
          naive.limits = { appends: by, bytes };
          window.setLimits(naive.limits);
        } else if (what === "clear") {
          window.clear();
          naive.appends = [];
        }
        const { count, bytes: total, full: isFull, last: end } = window;
        expect({ count, total, isFull, end }).toEqual({
          count: naive.appends.length,
          total: naive.bytes,
          isFull: naive.full,
          end: naive.last,
        });
      }
    }),
    { seed: 7, numRuns: 500 },
  );
});
