import fc from "fast-check";
import { expect, test } from "vitest";
import { fromNanoseconds, toNanoseconds, toTime } from "../../src/mapping/values.ts";

test.each([
  [Date.UTC(2026, 10, 22, 13, 34, 23, 460), "2026-11-22T13:34:23.46Z"],
  [Date.UTC(2026, 10, 22, 13, 34, 20, 0), "2026-11-22T13:34:20Z"],
  [Date.UTC(2026, 10, 22, 13, 34, 20, 1), "2026-11-22T13:34:20.001Z"],
  [-1e300, "0001-01-01T00:00:00Z"],
  [1e300, "9999-12-31T23:59:59.999Z"],
])("%d is %s", (ms, text) => {
  expect(toTime(ms)).toBe(text);
});

test("every duration is a whole number to Go", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 3.2e12, noNaN: true }), (ms) => {
      expect(JSON.stringify(toNanoseconds(ms))).toMatch(/^\d{1,19}$/);
    }),
  );
});

test("a duration that was read comes out as it went in", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 51 }), (nanoseconds) => {
      expect(toNanoseconds(fromNanoseconds(nanoseconds))).toBe(nanoseconds);
    }),
  );
});

test("any duration that was once shown stays what it is", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 62, noNaN: true }), (nanoseconds) => {
      const ms = fromNanoseconds(Math.round(nanoseconds));
      expect(fromNanoseconds(toNanoseconds(ms))).toBe(ms);
    }),
  );
});

test("whole milliseconds survive any number of readings, beyond what a double holds exactly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3.2e12 }), (ms) => {
      expect(fromNanoseconds(toNanoseconds(ms))).toBe(ms);
    }),
  );
});
