/** How fast raft-core is and what it allocates: `pnpm --filter @waggle/raft-core bench [-- OPTIONS]`. */
import { parseArgs } from "node:util";
import { codecCases } from "./codec-cases.ts";
import { groupCases } from "./group-cases.ts";
import { measure } from "./measure.ts";
import { quorumCases } from "./quorum-cases.ts";
import { resultRows, table } from "./report.ts";
import type { Report } from "./report.ts";

const TIME_MS_DEFAULT = 2_000;
const USAGE = `usage: bench [--json] [--filter TEXT] [--time-ms COUNT] [--cpu] [--help]
  --json           print one JSON document and nothing else
  --filter TEXT    only rows whose name contains TEXT
  --time-ms COUNT  how long each row runs; default ${TIME_MS_DEFAULT}
  --cpu            count the processor time of this process, for a machine that is busy with other things`;

interface Arguments {
  readonly json: boolean;
  readonly filter: string;
  readonly timeMs: number;
  readonly cpu: boolean;
  readonly help: boolean;
}

function readArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: given.filter((argument) => argument !== "--"),
    options: {
      json: { type: "boolean", default: false },
      filter: { type: "string", default: "" },
      "time-ms": { type: "string", default: String(TIME_MS_DEFAULT) },
      cpu: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { "time-ms": time, ...rest } = values;
  if (!/^[1-9]\d{0,5}$/u.test(time)) throw new Error(`not a time in milliseconds: ${time}`);
  return { ...rest, timeMs: Number(time) };
}

function run({ json, filter, timeMs, cpu, help }: Arguments): void {
  if (help) {
    console.log(USAGE);
    return;
  }
  const cases = [...codecCases, ...quorumCases, ...groupCases].filter(({ name }) =>
    name.includes(filter),
  );
  if (cases.length === 0) throw new Error(`no row contains "${filter}"`);
  const clock = cpu ? "cpu" : "wall";
  const results = resultRows(cases.map((one) => measure(one, timeMs, clock)));
  const report: Report = { node: process.versions.node, clock, results };
  console.log(json ? JSON.stringify(report) : table(results));
}

try {
  run(readArguments(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
