import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("the example runs and ends by itself", async () => {
  const example = new URL("../examples/echo.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@waggle/source",
    example,
  ]);
  expect(stdout).toBe("demo: hello\n");
});
