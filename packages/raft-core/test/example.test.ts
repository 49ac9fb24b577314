import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("the example applies one entry on all three members", () => {
  const example = fileURLToPath(new URL("../examples/three-members.ts", import.meta.url));
  const output = execFileSync(process.execPath, ["--conditions=@waggle/source", example], {
    encoding: "utf8",
  });
  const lines = output.trim().split("\n");
  expect(lines.sort()).toEqual([1, 2, 3].map((id) => `${id} applies hello`));
});
