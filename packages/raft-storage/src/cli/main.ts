#!/usr/bin/env node
import { createNodeVfs } from "../file/vfs/node-vfs.ts";
import { runRaftLog } from "./run.ts";

process.exitCode = await runRaftLog(process.argv.slice(2), {
  vfs: createNodeVfs(),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
