import { expect, test } from "vitest";
import { runOneManager } from "../../examples/one-manager.ts";

test("the example brings its service up", async () => {
  const lines: string[] = [];
  await runOneManager((line) => lines.push(line));
  expect(lines).toEqual([expect.stringMatching(/^hum: 3\/3 running on [0-9a-z]{25}$/)]);
});
