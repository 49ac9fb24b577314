import { expect, test } from "vitest";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

test("the example runs", async () => {
  const example = join(import.meta.dirname, "../../examples/run-a-task.ts");
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@waggle/source", example],
    { timeout: 15_000, killSignal: "SIGKILL" },
  );
  expect(stdout.trim().split("\n")).toEqual([
    "accepted",
    "preparing",
    "ready",
    "starting",
    "running",
    "complete",
    `hello from greeting.1.${"task".padEnd(25, "0")}`,
  ]);
});
