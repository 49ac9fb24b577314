import { expect, test } from "vitest";
import {
  booleanParameter,
  strictBooleanParameter,
  timeParameter,
  versionParameter,
} from "../../src/http/query.ts";

const query = (value: string): URLSearchParams => new URLSearchParams({ x: value });

test.each(["", "0", "no", "false", "FALSE", "none", " 0 "])("%j is false", (value) => {
  expect(booleanParameter(query(value), "x")).toBe(false);
});

test.each(["1", "true", "yes", "2"])("%j is true", (value) => {
  expect(booleanParameter(query(value), "x")).toBe(true);
});

test("strict truth values are Go's", () => {
  for (const value of ["1", "t", "True"])
    expect(strictBooleanParameter(query(value), "x")).toBe(true);
  for (const value of ["", "0", "F", "false"]) {
    expect(strictBooleanParameter(query(value), "x")).toBe(false);
  }
  expect(strictBooleanParameter(new URLSearchParams(), "x")).toBe(false);
  expect(() => strictBooleanParameter(query("yes"), "x")).toThrow("invalid value for x: yes");
});

test("versions", () => {
  expect(versionParameter(new URLSearchParams({ version: "12" }), "node")).toBe(12);
  for (const version of ["", "-1", "1.5", "0x1", "1e3", "1".repeat(21)]) {
    expect(() => versionParameter(new URLSearchParams({ version }), "node")).toThrow(
      `invalid node version '${version}'`,
    );
  }
});

test("times", () => {
  expect(timeParameter(query("1795000000.250000000"), "x")).toBe(1_795_000_000_250);
  expect(timeParameter(query("1795000000"), "x")).toBe(1_795_000_000_000);
  for (const value of ["", "0"]) expect(timeParameter(query(value), "x")).toBeUndefined();
  expect(() => timeParameter(query("5m"), "x")).toThrow('invalid value for "x": 5m');
});
