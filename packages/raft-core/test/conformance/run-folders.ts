import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { runFile } from "./run-file.ts";

/** How a run ended: all as expected; some not, or nothing to run; called in a wrong way. */
export const STATUS = { passed: 0, failed: 1, usage: 2 } as const;

/** Where a run finds its folders and writes to. */
export interface Place {
  /** What relative names of folders start from. */
  readonly start: string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

/** Runs the data-driven files in the folders that `names` say, and below. Returns a {@link STATUS}. */
export function runFolders(names: readonly string[], place: Place): number {
  if (names.length === 0) {
    place.complain("usage: conformance DIR [DIR…]");
    return STATUS.usage;
  }
  const files: string[] = [];
  for (const name of names) {
    try {
      files.push(...filesIn(resolve(place.start, name)));
    } catch (error) {
      place.complain(`${name} cannot be read: ${(error as Error).message}`);
      return STATUS.usage;
    }
  }
  return runAll(files, place.print);
}

/** The data-driven files in `folder` and below, sorted; without what is hidden, and what editors leave behind. */
export function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !/^[.#]/u.test(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path);
      return entry.name.endsWith(".txt") ? [path] : [];
    });
}

/** Prints a line per file, the first difference of those that have one, and a summary. */
function runAll(files: readonly string[], print: (line: string) => void): number {
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const difference = runFile(readFileSync(file, "utf8"));
    if (difference === undefined) {
      passed += 1;
      print(`PASS ${file}`);
      continue;
    }
    failed += 1;
    const { line, expected, got } = difference;
    print(`FAIL ${file}:${line}\n  expected: ${expected}\n  got:      ${got}`);
  }
  print(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? STATUS.passed : STATUS.failed;
}
