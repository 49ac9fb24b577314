/**
 * Commits each fault in a copy of the package and runs its tests there: `mutations [THEME…]`. Exit status 0 only when
 * every fault is caught by the test that is named after it.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Fault } from "./fault.ts";
import { FAULTS } from "./faults.ts";

const repository = join(import.meta.dirname, "../../../..");
const home = join(repository, "packages/raft-core");
const RUN_MS_MAX = 60_000;
const WORKERS_MAX = 4;

interface Work {
  readonly theme: string;
  readonly fault: Fault;
}

/** A copy of the package, in which the source may be broken. */
function copyPackage(): string {
  const copy = mkdtempSync(join(tmpdir(), "raft-core-mutations-"));
  for (const part of ["src", "test", "package.json"])
    cpSync(join(home, part), join(copy, part), { recursive: true });
  symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Titles of the tests of one file that failed; undefined when the run gave no result. */
async function failedTests(copy: string, theme: string): Promise<readonly string[] | undefined> {
  const output = join(copy, "result.json");
  rmSync(output, { force: true });
  const file = `test/mutations/${theme}.test.ts`;
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  const flags = ["run", "--reporter=json", `--outputFile=${output}`];
  const child = spawn(process.execPath, [vitest, ...flags, file], {
    cwd: copy,
    stdio: "ignore",
    timeout: RUN_MS_MAX,
  });
  await new Promise((resolve) => child.once("close", resolve));
  return readResult(output);
}

interface Result {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly title: string }[];
  }[];
}

function readResult(path: string): readonly string[] | undefined {
  let result: Result;
  try {
    result = JSON.parse(readFileSync(path, "utf8")) as Result;
  } catch {
    return undefined;
  }
  const tests = result.testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0) return undefined;
  return tests.filter(({ status }) => status === "failed").map(({ title }) => title);
}

/** Puts the fault into the copy; returns what undoes it. Undefined when the source no longer has its place. */
function commitFault(copy: string, { edits }: Fault): (() => void) | undefined {
  const originals = new Map<string, string>();
  const undo = (): void => {
    for (const [path, text] of originals) writeFileSync(path, text);
  };
  for (const [file, search, replacement] of edits) {
    const path = join(copy, "src", file);
    const text = readFileSync(path, "utf8");
    if (text.split(search).length !== 2) {
      undo();
      return undefined;
    }
    if (!originals.has(path)) originals.set(path, text);
    writeFileSync(
      path,
      text.replace(search, () => replacement),
    );
  }
  return undo;
}

/** True when the test of the fault's name failed. */
async function prove(copy: string, { theme, fault }: Work): Promise<boolean> {
  const undo = commitFault(copy, fault);
  if (undo === undefined) {
    console.log(
      `SURVIVED ${theme}: ${fault.name}: its place is gone from the source, see faults.test.ts`,
    );
    return false;
  }
  const failed = await failedTests(copy, theme);
  undo();
  const killer = failed?.find((title) => title.startsWith(fault.name));
  if (killer !== undefined) console.log(`killed by ${theme}.test.ts: ${killer}`);
  else if (failed === undefined)
    console.log(`SURVIVED ${theme}: ${fault.name}: nothing ran with it`);
  else console.log(`SURVIVED ${theme}: ${fault.name} (other tests that failed: ${failed.length})`);
  return killer !== undefined;
}

/** Runs `job` with one copy of the package per worker on all of `queue`; says how often it held. */
async function inCopies<T>(
  items: readonly T[],
  job: (copy: string, item: T) => Promise<boolean>,
): Promise<number> {
  const queue = [...items];
  let held = 0;
  const worker = async (): Promise<void> => {
    const copy = copyPackage();
    for (let item = queue.shift(); item !== undefined; item = queue.shift())
      if (await job(copy, item)) held += 1;
    rmSync(copy, { recursive: true });
  };
  await Promise.all(Array.from({ length: Math.min(WORKERS_MAX, availableParallelism()) }, worker));
  return held;
}

/** Without any fault all tests pass: a failure would prove nothing otherwise. */
async function isSound(copy: string, theme: string): Promise<boolean> {
  const sound = (await failedTests(copy, theme))?.length === 0;
  if (!sound) console.log(`${theme}.test.ts fails without any fault`);
  return sound;
}

async function run(themes: readonly string[]): Promise<boolean> {
  if ((await inCopies(themes, isSound)) < themes.length) return false;
  const work = themes.flatMap((theme) => (FAULTS[theme] ?? []).map((fault) => ({ theme, fault })));
  const killed = await inCopies(work, prove);
  console.log(`${killed} killed, ${work.length - killed} survived`);
  return killed === work.length;
}

const asked = process.argv.slice(2).filter((argument) => argument !== "--");
const unknown = asked.filter((theme) => FAULTS[theme] === undefined);
if (unknown.length > 0) {
  console.error(`usage: mutations [${Object.keys(FAULTS).join("|")}]…`);
  process.exitCode = 2;
} else process.exitCode = (await run(asked.length > 0 ? asked : Object.keys(FAULTS))) ? 0 : 1;
