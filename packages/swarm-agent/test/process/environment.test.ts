import { expect, test } from "vitest";
import { environmentOf, splitForShell } from "../../src/process/environment.ts";
import { testTask } from "../support/tasks.ts";

const node = { hostname: "host", os: "linux", architecture: "x64" };

function environment(env: readonly string[], own: Record<string, string> = {}): object {
  return environmentOf(testTask({}, { env }), node, own);
}

test("the spec's own entries win; a name alone removes", () => {
  const own = { HOME: "/home/a", LANG: "C", OTHER: "x" };
  const seen = environment(["HOME=/b", "LANG", "WAGGLE_TASK_SLOT=mine"], own);
  expect(seen).toMatchObject({ HOME: "/b", WAGGLE_TASK_SLOT: "mine" });
  expect(seen).not.toHaveProperty("LANG");
  expect(seen).not.toHaveProperty("OTHER");
});

test("there is always a PATH", () => {
  expect(environment([])).toHaveProperty("PATH", expect.stringContaining("/usr/bin"));
});

test.each(["=x", "", "A=\0"])("an invalid entry is refused: %j", (entry) => {
  expect(() => environment([entry])).toThrow("invalid environment variable");
});

test("names that a shell cannot hold go through env", () => {
  expect(splitForShell({ A: "1", "a.b": "2", "3": "4" })).toEqual({
    shell: { A: "1" },
    prefix: ["/usr/bin/env", "3=4", "a.b=2"],
  });
  expect(splitForShell({ A: "1" }).prefix).toEqual([]);
});
