import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { MODES } from "../conformance/modes.ts";
import { runFile } from "../conformance/run-file.ts";
import { transcriptFiles, withOwnDirectives } from "./transcripts.ts";

for (const file of transcriptFiles())
  test.each(MODES)(`${basename(file)} %s`, (_how, mode) => {
    expect(runFile(readFileSync(file, "utf8"), withOwnDirectives(mode))).toBeUndefined();
  });
