import { createConfChangeRun } from "./confchange.ts";
import { DataDrivenError, parseCases, withFinalNewline } from "./datadriven.ts";
import type { Case } from "./datadriven.ts";
import { createInteractionRun } from "./interaction/environment.ts";
import type { Mode } from "./interaction/environment.ts";
import { createQuorumRun } from "./quorum.ts";

/** Where a file first differs from what was got. */
export interface Difference {
  readonly line: number;
  readonly expected: string;
  readonly got: string;
}

const QUORUM = new Set(["committed", "vote"]);
const CONF_CHANGE = new Set(["simple", "enter-joint", "leave-joint"]);

/** What runs the cases of one file, one after the other. The kind of a file shows in its directives. */
export function runOf(cases: readonly Case[], mode: Mode): (test: Case) => string {
  if (cases.every(({ command }) => QUORUM.has(command))) return createQuorumRun();
  if (cases.every(({ command }) => CONF_CHANGE.has(command))) return createConfChangeRun();
  return createInteractionRun(mode);
}

/** Runs one data-driven file; undefined when all of it is as expected, to the byte. */
export function runFile(text: string, mode: Mode = {}): Difference | undefined {
  let line = 1;
  try {
    const cases = parseCases(text);
    const run = runOf(cases, mode);
    for (const test of cases) {
      line = test.line;
      const got = withFinalNewline(run(test));
      if (got !== test.expected) return firstDifference(test, got);
    }
    return undefined;
  } catch (error) {
    const at = error instanceof DataDrivenError ? error.line : line;
    return { line: at, expected: "a case that runs", got: String(error) };
  }
}

function firstDifference(test: Case, got: string): Difference {
  const expectedLines = test.expected.split("\n");
  const gotLines = got.split("\n");
  const at = expectedLines.findIndex((line, index) => line !== gotLines[index]);
  const index = at < 0 ? expectedLines.length : at;
  const end = "<end of the case>";
  const shown = (lines: readonly string[]): string =>
    index >= lines.length - 1 ? end : (lines[index] ?? end);
  return { line: test.expectedLine + index, expected: shown(expectedLines), got: shown(gotLines) };
}
