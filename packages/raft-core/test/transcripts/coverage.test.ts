import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseCases } from "../conformance/datadriven.ts";
import { LOG_TEMPLATES, patternOf } from "./log-templates.ts";
import { transcriptFiles } from "./transcripts.ts";

const cases = transcriptFiles().flatMap((file) => parseCases(readFileSync(file, "utf8")));
const lines = new Set(cases.flatMap(({ expected }) => expected.split("\n")));
const logged = [...lines].filter((line) => /^ *(?:DEBUG|INFO|WARN|ERROR|FATAL) /u.test(line));

describe("every log line of the reference", () => {
  test.each(LOG_TEMPLATES.filter(({ never }) => never === undefined))(
    "$level $text",
    (template) => {
      const pattern = patternOf(template);
      expect(logged.some((line) => pattern.test(line))).toBe(true);
    },
  );

  test.each(LOG_TEMPLATES.filter(({ never }) => never !== undefined))(
    "never: $text, for $never",
    (template) => {
      const pattern = patternOf(template);
      expect(logged.filter((line) => pattern.test(line))).toEqual([]);
    },
  );

  test("and there are no others", () => {
    const patterns = LOG_TEMPLATES.map(patternOf);
    const own = /ignoring conf change .*: [a-z -]+$/u;
    expect(
      logged.filter((line) => !own.test(line) && !patterns.some((pattern) => pattern.test(line))),
    ).toEqual([]);
  });
});

const DIRECTIVES = [
  ["_breakpoint", "add-nodes", "campaign", "compact", "deliver-msgs", "forget-leader", "log-level"],
  ["process-append-thread", "process-apply-thread", "process-ready", "propose"],
  ["propose-conf-change", "raft-log", "raft-state", "report-unreachable", "send-snapshot"],
  ["set-randomized-election-timeout", "stabilize", "status", "tick-election", "tick-heartbeat"],
  ["transfer-leadership"],
  ["crash", "deliver-mixed", "propose-size", "read-index", "report-snapshot", "restart"],
  ["set-inflight", "set-option", "set-priority", "tick"],
].flat();

test.each(DIRECTIVES)("the directive %s is used", (directive) => {
  expect(cases.some(({ command }) => command === directive)).toBe(true);
});
