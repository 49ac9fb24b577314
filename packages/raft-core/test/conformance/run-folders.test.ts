import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { STATUS, runFolders } from "./run-folders.ts";

const GOOD = "vote cfg=(1) votes=(y)\n----\nVoteWon\n";

let folder: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "raft-conformance-"));
  lines = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function run(...names: string[]): number {
  const note = (line: string): void => void lines.push(line);
  return runFolders(names, { start: folder, print: note, complain: note });
}

test("files in all folders and below are run, in order; what is hidden or left over is not", () => {
  write("a/deep/er/vote.txt", GOOD);
  write("a/zero.txt", "# nothing but a comment\n");
  write("b/crlf.txt", GOOD.replaceAll("\n", "\r\n"));
  write("b/no-end.txt", GOOD.trimEnd());
  for (const skipped of [".hidden.txt", "#draft.txt#", "vote.txt~", ".git/vote.txt", "README.md"])
    write(`a/${skipped}`, "nonsense\n----\nyes\n");
  expect(run("a", "b")).toBe(STATUS.passed);
  expect(lines).toEqual([
    `PASS ${join(folder, "a/deep/er/vote.txt")}`,
    `PASS ${join(folder, "a/zero.txt")}`,
    `PASS ${join(folder, "b/crlf.txt")}`,
    `PASS ${join(folder, "b/no-end.txt")}`,
    "4 passed, 0 failed",
  ]);
});

test("a file that fails says where, and the next one is run", () => {
  write("a.txt", "\nwaggle 1\n----\nok\n");
  write("b.txt", "campaign 1 x=(2\n----\nok\n");
  write("c.txt", "add-nodes 1 index=1\n----\nok\n");
  write("d.txt", GOOD);
  expect(run(".")).toBe(STATUS.failed);
  expect(lines).toEqual([
    `FAIL ${join(folder, "a.txt")}:4\n  expected: ok\n  got:      unknown command`,
    `FAIL ${join(folder, "b.txt")}:1\n  expected: a case that runs\n  got:      DataDrivenError: a list without its end: (2`,
    `FAIL ${join(folder, "c.txt")}:3\n  expected: ok\n  got:      index must be specified as > 1 due to bootstrap`,
    `PASS ${join(folder, "d.txt")}`,
    "1 passed, 3 failed",
  ]);
});

test("no file at all is no success", () => {
  expect(run(".")).toBe(STATUS.failed);
  expect(lines).toEqual(["0 passed, 0 failed"]);
});

test("no folder, and one that cannot be read, are called wrong uses", () => {
  expect(run()).toBe(STATUS.usage);
  write("file.txt", GOOD);
  expect(run("file.txt")).toBe(STATUS.usage);
  expect(run(".", "nowhere")).toBe(STATUS.usage);
  expect(lines[0]).toBe("usage: conformance DIR [DIR…]");
  expect(lines[1]).toContain("file.txt cannot be read: ENOTDIR");
  expect(lines[2]).toContain("nowhere cannot be read: ENOENT");
  expect(lines).toHaveLength(3);
});
