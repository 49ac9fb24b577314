import { expect, test } from "vitest";
import { matchesAny, matchesLabels, parseFilters, requireKnownValues } from "../src/filters.ts";

const parse = (text: string) =>
  parseFilters(new URLSearchParams({ filters: text }), ["name", "label"]);

test("both forms, and none", () => {
  expect([...parse('{"name":{"a":true,"b":false}}')]).toEqual([["name", ["a"]]]);
  expect([...parse('{"name":["a","b"]}')]).toEqual([["name", ["a", "b"]]]);
  expect([...parseFilters(new URLSearchParams(), [])]).toEqual([]);
});

test.each(["nope", "[]", "null", "7", '{"name":7}', '{"name":[7]}', '{"name":null}'])(
  "%s is no filter",
  (text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ status: 400, message: "invalid filter" }),
    );
  },
);

test.each(["foo", "__proto__"])("the key %s is unknown", (key) => {
  expect(() => parse(`{"${key}":{"a":true}}`)).toThrow(`invalid filter '${key}'`);
});

test("values of a key are alternatives; no value asks for nothing", () => {
  const isB = (value: string): boolean => value === "b";
  expect(matchesAny(parse('{"name":["a","b"]}'), "name", isB)).toBe(true);
  expect(matchesAny(parse('{"name":["a"]}'), "name", isB)).toBe(false);
  expect(matchesAny(parse('{"name":{}}'), "name", isB)).toBe(true);
  expect(matchesAny(parse("{}"), "name", isB)).toBe(true);
});

test("labels must all hold", () => {
  const labels = { a: "1", b: "", c: "x=y" };
  const holds = (...wanted: string[]): boolean =>
    matchesLabels(parse(JSON.stringify({ label: wanted })), "label", labels);
  expect(holds()).toBe(true);
  expect(holds("a", "b")).toBe(true);
  expect(holds("a=1", "c=x=y")).toBe(true);
  expect(holds("a=")).toBe(true);
  expect(holds("a=2")).toBe(false);
  expect(holds("a", "z")).toBe(false);
  expect(holds("toString")).toBe(false);
});

test("values of an enumeration", () => {
  const options = { known: ["a"], label: "role" };
  requireKnownValues(parse('{"name":["a"]}'), "name", options);
  expect(() => requireKnownValues(parse('{"name":["b"]}'), "name", options)).toThrow(
    expect.objectContaining({ status: 500, message: "Invalid role filter: 'b'" }),
  );
});
