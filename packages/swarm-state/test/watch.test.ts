import { expect, test } from "vitest";
import type { ChangeEvent } from "../src/store.ts";
import { Watchers } from "../src/watch.ts";

function event(index: number, restored = false): ChangeEvent {
  return { index, changes: [], restored };
}

function setup(eventsMax = 3): { watchers: Watchers; errors: unknown[] } {
  const errors: unknown[] = [];
  const watchers = new Watchers({ eventsMax, onListenerError: (error) => errors.push(error) });
  return { watchers, errors };
}

test("a reader gets the events from the call on, in order", async () => {
  const { watchers } = setup();
  watchers.publish(event(1));
  const reader = watchers.watch();
  watchers.publish(event(2));
  watchers.publish(event(3));
  expect(await reader.next()).toEqual({ done: false, value: event(2) });
  expect(await reader.next()).toEqual({ done: false, value: event(3) });
  const waiting = reader.next();
  watchers.publish(event(4));
  expect(await waiting).toEqual({ done: false, value: event(4) });
});

test("a slow reader finds one restored event of the newest index, then goes on", async () => {
  const { watchers } = setup();
  const reader = watchers.watch();
  for (let index = 1; index <= 6; index++) watchers.publish(event(index));
  expect((await reader.next()).value).toEqual(event(6, true));
  watchers.publish(event(7));
  expect((await reader.next()).value).toEqual(event(7));
});

test("a restored state makes what waits before it needless", async () => {
  const { watchers } = setup();
  const reader = watchers.watch();
  watchers.publish(event(1));
  watchers.publish(event(9, true));
  expect((await reader.next()).value).toEqual(event(9, true));
});

test("return ends the reading, also of those who wait", async () => {
  const { watchers } = setup();
  const reader = watchers.watch();
  const waiting = reader.next();
  await reader.return?.();
  watchers.publish(event(1));
  expect((await waiting).done).toBe(true);
  expect((await reader.next()).done).toBe(true);
});

test("for await stops cleanly", async () => {
  const { watchers } = setup();
  const reader = watchers.watch();
  watchers.publish(event(1));
  for await (const { index } of reader) {
    expect(index).toBe(1);
    break;
  }
  expect((await reader.next()).done).toBe(true);
});

test("a listener that throws is reported, and the others hear all the same", () => {
  const { watchers, errors } = setup();
  const heard: number[] = [];
  watchers.subscribe(() => {
    throw new RangeError("own");
  });
  const off = watchers.subscribe(({ index }) => void heard.push(index));
  watchers.publish(event(1));
  off();
  watchers.publish(event(2));
  expect(heard).toEqual([1]);
  expect(errors).toHaveLength(2);
});
