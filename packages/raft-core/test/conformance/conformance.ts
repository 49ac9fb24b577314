/** Runs etcd raft's data-driven files against this core: `conformance DIR [DIR…]`. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { runFile } from "./run-file.ts";

/** The data-driven files in `folder` and below, sorted. */
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /^[^.#].*\.txt$/u.test(entry.name))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

/** Prints a line per file and a summary. False when a file failed, and when there were none. */
function runFolders(folders: readonly string[]): boolean {
  let passed = 0;
  let failed = 0;
  for (const file of folders.flatMap(filesIn)) {
    const difference = runFile(readFileSync(file, "utf8"));
    if (difference === undefined) {
      passed += 1;
      console.log(`PASS ${file}`);
      continue;
    }
    failed += 1;
    const { line, expected, got } = difference;
    console.log(`FAIL ${file}:${line}\n  expected: ${expected}\n  got:      ${got}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0;
}

// A package manager runs this in the folder of the package, and says where it was called.
const start = process.env["INIT_CWD"] ?? process.cwd();
const folders = process.argv
  .slice(2)
  .filter((argument) => argument !== "--")
  .map((folder) => resolve(start, folder));
if (folders.length === 0) {
  console.error("usage: conformance DIR [DIR…]");
  process.exitCode = 2;
} else process.exitCode = runFolders(folders) ? 0 : 1;
