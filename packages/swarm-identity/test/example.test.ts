import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the example runs", async () => {
  const example = new URL("../examples/join.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@waggle/source",
    example,
  ]);
  expect(stdout).toContain("same join key: true");
  expect(stdout).toContain("key for nodes: 32 bytes");
});
