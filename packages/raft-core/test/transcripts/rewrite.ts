/** Writes what the core does now into our own transcripts: `rewrite [FILE…]`. The diff is to be read line by line. */
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseCases, rewriteCases } from "../conformance/datadriven.ts";
import { runOf } from "../conformance/run-file.ts";
import { transcriptFiles, withOwnDirectives } from "./transcripts.ts";

const start = process.env["INIT_CWD"] ?? process.cwd();
const named = process.argv
  .slice(2)
  .filter((argument) => argument !== "--")
  .map((file) => resolve(start, file));
for (const file of named.length > 0 ? named : transcriptFiles()) {
  const before = readFileSync(file, "utf8");
  const after = rewriteCases(before, runOf(parseCases(before), withOwnDirectives({})));
  if (after === before) continue;
  writeFileSync(file, after);
  console.log(`rewrote ${file}`);
}
