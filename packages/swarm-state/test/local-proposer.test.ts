import { expect, test } from "vitest";
import { createLocalProposer } from "../src/local-proposer.ts";

test("applies in order, asynchronously, from the index it is given", async () => {
  const proposer = createLocalProposer({ index: 7 });
  const applied: [number, number][] = [];
  proposer.bind((index, data) => void applied.push([index, data[0] ?? 0]));
  const both = [proposer.propose(Uint8Array.of(1)), proposer.propose(Uint8Array.of(2))];
  expect(applied).toEqual([]);
  expect(await Promise.all(both)).toEqual([8, 9]);
  expect(applied).toEqual([
    [8, 1],
    [9, 2],
  ]);
  expect(proposer.index).toBe(9);
});

test("refuses before it is bound, and passes on what apply throws", async () => {
  const proposer = createLocalProposer();
  await expect(proposer.propose(Uint8Array.of(1))).rejects.toMatchObject({ outcome: "refused" });
  proposer.bind(() => {
    throw new RangeError("apply");
  });
  await expect(proposer.propose(Uint8Array.of(1))).rejects.toThrow("apply");
});
