import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the example runs and ends by itself", async () => {
  const example = new URL("../examples/one-manager.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@waggle/source",
    example,
  ]);
  expect(stdout).toBe("hum: 0/3\n");
});
