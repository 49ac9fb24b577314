import { expect, test } from "vitest";
import { main } from "../../examples/single-node.ts";

test("the example of the README says what it is to say", async () => {
  expect(await main()).toEqual([
    "1: create service",
    "2: update service",
    "replicas: 5",
    "version: 2",
  ]);
});
