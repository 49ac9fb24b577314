import { expect, test } from "vitest";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createProcessTable } from "../../src/process/identity.ts";

const { pid } = process;
const lines = {
  proc: (): string => `${pid} ${readFileSync(`/proc/${pid}/stat`, "utf8").trim()}`,
  ps: (): string =>
    `${pid} ${spawnSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).stdout.trim()}`,
};

test.each(["proc", "ps"] as const)(
  "a process is its number and its start time: %s",
  async (source) => {
    const table = createProcessTable(source);
    const own = table.parseIdentity(lines[source]())!;
    expect(own.pid).toBe(pid);
    expect(await table.isAlive(own)).toBe(true);
    expect(await table.isAlive({ ...own, startedAt: `${own.startedAt}1` })).toBe(false);
    expect(await table.isAlive({ pid: 2 ** 30, startedAt: own.startedAt })).toBe(false);
  },
);

test("a name with blanks and brackets does not shift the fields", () => {
  const rest = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(" ");
  const identity = createProcessTable("proc").parseIdentity(`7 7 (a) b) (c) S ${rest}`);
  expect(identity).toEqual({ pid: 7, startedAt: "22" });
});

test.each(["", "7", "x y", "0 1 (sh) S", "1 1 (init) S 2", "-5 1 (sh) S", "7 7 (sh) S 1 2"])(
  "no identity: %s",
  (line) => {
    expect(createProcessTable("proc").parseIdentity(line)).toBeUndefined();
  },
);
