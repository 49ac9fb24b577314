import { expect, test } from "vitest";
import { signalNumber } from "../../src/process/signals.ts";

test.each([
  ["", 15],
  ["SIGTERM", 15],
  ["term", 15],
  ["9", 9],
  ["SIGRTMIN", 34],
  ["RTMIN+3", 37],
])("%s is signal %d", (name, number) => {
  expect(signalNumber(name)).toBe(number);
});

test.each(["0", "65", "-1", "SIGNOSUCH", "1.5", "SIGRTMIN+31", "15 "])("%s is none", (name) => {
  expect(() => signalNumber(name)).toThrow(`invalid stop signal: ${name}`);
});
