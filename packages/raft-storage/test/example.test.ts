import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const example = new URL("../examples/append-and-reopen.ts", import.meta.url).pathname;

it("the example of the README runs", async () => {
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--conditions=@waggle/source", example]);
  expect(stdout).toBe("1: one\n2: two\n3: three\n");
});
