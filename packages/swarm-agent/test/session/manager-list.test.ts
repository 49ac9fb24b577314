import { expect, test } from "vitest";
import { createManagerList } from "../../src/session/manager-list.ts";
import { peer } from "../support/peers.ts";

const first = (): number => 0;

test("those that failed are passed over until all have", () => {
  const list = createManagerList(() => [peer("a"), peer("b")]);
  expect(list.pick(first)).toEqual(peer("a"));
  list.failed(peer("a"));
  expect(list.pick(first)).toEqual(peer("b"));
  list.failed(peer("b"));
  expect(list.pick(first)).toEqual(peer("a"));
  expect(list.pick(() => 0.999)).toEqual(peer("b"));
});

test("a success forgets the failures", () => {
  const list = createManagerList(() => [peer("a"), peer("b")]);
  list.failed(peer("a"));
  list.succeeded();
  expect(list.pick(first)).toEqual(peer("a"));
});

test("the managers' own list replaces the initial one, which counts again when all of it failed", () => {
  const list = createManagerList(() => [peer("a")]);
  expect(list.replace([peer("b")])).toBe(true);
  expect(list.replace([peer("b")])).toBe(false);
  expect(list.replace([])).toBe(false);
  expect(list.current()).toEqual([peer("b")]);
  list.failed(peer("b"));
  expect(list.pick(() => 0.999)).toEqual(peer("a"));
});

test("a list from the network is bounded", () => {
  const list = createManagerList(() => []);
  expect(list.pick(first)).toBeUndefined();
  list.replace(Array.from({ length: 1000 }, (_, index) => peer(`m${index}`)));
  expect(list.current()).toHaveLength(64);
});
