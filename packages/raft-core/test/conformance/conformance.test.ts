import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseCases } from "./datadriven.ts";
import { MODES } from "./modes.ts";
import { quote } from "./quote.ts";
import { runFile } from "./run-file.ts";

const repository = join(import.meta.dirname, "../../../..");
/** etcd raft's own files are not part of this project: name their folder, or put them beside the repository. */
const folder =
  process.env["RAFT_CONFORMANCE_DIR"] ?? join(repository, "../shared/conformance/etcd-raft");
const files = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".txt"),
    )
  : [];

for (const file of files)
  test.each(MODES)(`the reference's ${file} %s`, (_how, mode) => {
    expect(runFile(readFileSync(join(folder, file), "utf8"), mode)).toBeUndefined();
  });

describe("the grammar of data-driven files", () => {
  test("a case has a directive, an input, and what it answers", () => {
    const text =
      "# why\n\nrun 1 a=b c=(1, (2,3), 4) d= \\\n  e=()\nin  \n put\n----\n  out\nmore\n\nnext\n";
    expect(parseCases(text)).toEqual([
      {
        line: 3,
        command: "run",
        args: [
          { key: "1", values: [] },
          { key: "a", values: ["b"] },
          { key: "c", values: ["1", "(2,3)", "4"] },
          { key: "d", values: [""] },
          { key: "e", values: [""] },
        ],
        input: "in  \n put",
        expected: "  out\nmore\n",
        expectedLine: 8,
        endLine: 10,
      },
      {
        line: 11,
        command: "next",
        args: [],
        input: "",
        expected: "",
        expectedLine: 12,
        endLine: 12,
      },
    ]);
  });

  test("a doubled separator lets blank lines into the answer", () => {
    const text = "one\n----\n----\na\n\nb\n----\n----\n\ntwo\r\n----\r\nok\r\n";
    expect(parseCases(text).map(({ expected }) => expected)).toEqual(["a\n\nb\n", "ok\n"]);
    expect(() => parseCases("one\n----\n----\na\n")).toThrow("without its end");
    expect(() => parseCases("one (\n----\n")).not.toThrow();
    expect(() => parseCases("one a=(1\n----\n")).toThrow("without its end");
  });

  test("bytes are quoted as in Go", () => {
    const bytes = [0x22, 0x5c, 0x0a, 0x01, 0x41, 0xc3, 0xa9, 0xff, 0xe2, 0x80, 0x8b];
    expect(quote(Uint8Array.from(bytes))).toBe('"\\"\\\\\\n\\x01Aé\\xff\\u200b"');
  });
});

describe("a difference is found", () => {
  test.each<[string, string, object]>([
    [
      "in a line",
      "vote cfg=(1) votes=(y)\n----\nVoteLost\n",
      { line: 3, expected: "VoteLost", got: "VoteWon" },
    ],
    [
      "when lines are missing",
      "simple\nv1\n----\nvoters=(1)\n",
      { line: 5, expected: "<end of the case>", got: "1: StateProbe match=0 next=1" },
    ],
    [
      "when there are too many",
      "log-level none\n----\nok\n\nraft-state\n----\nok\nmore\n",
      { line: 8, expected: "more", got: "<end of the case>" },
    ],
    ["in a command", "dance\n----\nok\n", { line: 3, expected: "ok", got: "unknown command" }],
    [
      "in an argument",
      "campaign 7\n----\nok\n",
      { line: 1, expected: "a case that runs", got: "DataDrivenError: no node 7" },
    ],
  ])("%s", (_where, text, difference) => {
    expect(runFile(text)).toEqual(difference);
  });

  test("and a file that agrees passes", () => {
    expect(
      runFile(
        "add-nodes 1\n----\nINFO 1 switched to configuration voters=()\nINFO 1 became follower at term 0\nINFO newRaft 1 [peers: [], term: 0, commit: 0, applied: 0, lastindex: 0, lastterm: 0]\n",
      ),
    ).toBeUndefined();
  });
});
