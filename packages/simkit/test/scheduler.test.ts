import fc from "fast-check";
import { expect, test } from "vitest";
import { createScheduler } from "../src/scheduler.ts";
import { createVirtualClock } from "../src/virtual-clock.ts";

test("events run by time, then in the order of scheduling", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 100 }), (delays) => {
      const scheduler = createScheduler();
      const ran: [number, number][] = [];
      delays.forEach((delay, index) => {
        scheduler.schedule(delay, () => {
          expect(scheduler.now()).toBe(delay);
          ran.push([delay, index]);
        });
      });
      expect(scheduler.runUntilIdle()).toEqual({ events: delays.length, idle: true });
      const expected = delays.map((delay, index): [number, number] => [delay, index]);
      expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      expect(ran).toEqual(expected);
    }),
  );
});

test("a cancelled event does not run", () => {
  const scheduler = createScheduler();
  const ran: string[] = [];
  const cancel = scheduler.schedule(1, () => ran.push("a"));
  scheduler.schedule(2, () => ran.push("b"));
  cancel();
  cancel();
  expect(scheduler.pending).toBe(1);
  scheduler.runUntilIdle();
  cancel();
  expect(ran).toEqual(["b"]);
  expect(scheduler.pending).toBe(0);
});

test("runUntil includes its time and stands there", () => {
  const scheduler = createScheduler({ clock: createVirtualClock(100) });
  const ran: number[] = [];
  for (const delay of [5, 10, 11]) scheduler.schedule(delay, () => ran.push(scheduler.now()));
  expect(scheduler.runUntil(110)).toBe(2);
  expect(scheduler.now()).toBe(110);
  expect(ran).toEqual([105, 110]);
});

test("runUntilIdle ends at its bound when timers re-arm for ever", () => {
  const scheduler = createScheduler();
  const again = () => void scheduler.schedule(1, again);
  again();
  expect(scheduler.runUntilIdle({ eventsMax: 1000 })).toEqual({ events: 1000, idle: false });
  expect(scheduler.eventsRun).toBe(1000);
});

test("time does not run back", () => {
  const clock = createVirtualClock(5);
  expect(() => clock.advanceTo(4)).toThrow("back");
});
