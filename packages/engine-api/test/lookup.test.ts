import { expect, test } from "vitest";
import { lookUp } from "../src/lookup.ts";

const by = {
  kind: "thing",
  id: (thing: { readonly id: string }) => thing.id,
  name: (thing: { readonly name: string }) => thing.name,
};

const things = [
  { id: "abc1", name: "abd" },
  { id: "abd2", name: "abc1" },
  { id: "xyz3", name: "twin" },
  { id: "xyw4", name: "twin" },
  { id: "qqq5", name: "" },
];

test.each([
  ["abc1", "abc1", "a full id goes before a name"],
  ["abd", "abc1", "a name goes before the start of an id"],
  ["xyz", "xyz3", "the start of one id only"],
])("%s finds %s: %s", (wanted, id) => {
  expect(lookUp(things, wanted, by).id).toBe(id);
});

test.each([
  ["ab", 400, "thing ab is ambiguous (2 matches found)"],
  ["twin", 400, "thing twin is ambiguous (2 matches found)"],
  ["none", 404, "thing none not found"],
  ["", 404, "thing  not found"],
])("%j is refused with %d", (wanted, status, message) => {
  expect(() => lookUp(things, wanted, by)).toThrow(expect.objectContaining({ status, message }));
});
