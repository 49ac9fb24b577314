import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const example = new URL("../examples/three-members.ts", import.meta.url).pathname;

it("the example of the README runs", async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--conditions=@waggle/source", example]);
  expect(stdout.trim().split("\n")).toEqual([
    "totals on the leader: 1, 3, 6, 10",
    "total on member 1: 10",
    "total on member 2: 10",
    "total on member 3: 10",
  ]);
});
