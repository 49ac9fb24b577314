import { expect } from "vitest";

/** Looks again and again until it is as expected; patient, because the machine may be busy. */
export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { interval: 2, timeout: 10_000 });
}
