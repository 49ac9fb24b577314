import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const example = fileURLToPath(new URL("../examples/three-members.ts", import.meta.url));

test("the example applies one entry on all three members", () => {
  const output = execFileSync(process.execPath, ["--conditions=@waggle/source", example], {
    encoding: "utf8",
  });
  const lines = output.trim().split("\n");
  expect(lines.sort()).toEqual([1, 2, 3].map((id) => `${id} applies hello`));
});

test("the README shows the example as it is", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const shown = /<!-- example -->\n\n```ts\n(?<program>[^]*?)```/u.exec(readme)?.groups?.[
    "program"
  ];
  expect(shown).toBe(readFileSync(example, "utf8"));
});
