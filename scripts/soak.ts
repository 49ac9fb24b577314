// `npm run soak`: the simulations of the protocol cores over many seeds, or one of them again.
//   npm run soak -- --seeds 2000 [--first 1] [--only raft|swim] [--jobs 2] [--coverage]
//   npm run soak -- --only raft --replay 4711
// Two more look after the durable store, each in a process of its own: `storage` (random histories of crashes on a
// simulated disk, by seeds) and `kill` (real processes, killed while they write; 200 rounds).
//   npm run soak -- --only kill [--seeds 200]
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { SoakOrder, SoakReport } from "./soak-worker.ts";
import { simulationNames, simulations } from "./simulations.ts";
import type { SimulationName } from "./simulations.ts";

const storeNames = ["storage", "kill"] as const;
const storeSoak = new URL("../packages/raft-storage/test/soak.ts", import.meta.url).pathname;
const KILL_ROUNDS = "200";

const only = [...simulationNames, ...storeNames].join("|");
const usage = `usage: npm run soak -- [--seeds COUNT] [--first SEED] [--only ${only}] [--jobs COUNT] [--coverage]
       npm run soak -- --only ${only} --replay SEED     prints every event of one seed`;

/** Seeds that a worker gets at once: about a second of work. */
const SEEDS_PER_ORDER = 50;
/** Failures that are listed. All are counted. */
const FAILURES_SHOWN = 20;

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly only: readonly SimulationName[];
  readonly stores: readonly (typeof storeNames)[number][];
  readonly killRounds: number;
  readonly jobs: number;
  readonly coverage: boolean;
  readonly replay: number | undefined;
}

function fail(message: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text)) fail(`${flag} takes a whole number`);
  return Number(text);
}

function parse(): Options {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: "string" },
        first: { type: "string", default: "1" },
        only: { type: "string" },
        jobs: { type: "string", default: String(availableParallelism()) },
        coverage: { type: "boolean", default: false },
        replay: { type: "string" },
      },
    });
    const chosen = simulationNames.filter(
      (name) => values.only === undefined || values.only === name,
    );
    const stores = storeNames.filter((name) => values.only === undefined || values.only === name);
    if (chosen.length + stores.length === 0) fail(`--only takes one of ${only}`);
    return {
      seeds: wholeNumber(values.seeds ?? "1000", "--seeds"),
      killRounds: wholeNumber(values.seeds ?? KILL_ROUNDS, "--seeds"),
      first: wholeNumber(values.first, "--first"),
      only: chosen,
      stores,
      jobs: Math.max(1, wholeNumber(values.jobs, "--jobs")),
      coverage: values.coverage,
      replay: values.replay === undefined ? undefined : wholeNumber(values.replay, "--replay"),
    };
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

function replay(name: SimulationName, seed: number): boolean {
  for (const line of simulations[name].trace(seed)) console.log(line);
  const outcome = simulations[name].run(seed);
  console.log(
    outcome.ok ? `${name} seed ${seed}: ok` : `${name} seed ${seed}: ${outcome.violation}`,
  );
  return outcome.ok;
}

/** Hands out the seeds to the workers, some at a time; calls `onReport` as they come back. */
async function runAll(
  name: SimulationName,
  { seeds, first, jobs }: Options,
  onReport: (report: SoakReport) => void,
): Promise<void> {
  let next = first;
  const end = first + seeds;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("./soak-worker.ts", import.meta.url));
    while (next < end) {
      const count = Math.min(SEEDS_PER_ORDER, end - next);
      const order: SoakOrder = { name, first: next, count };
      next += count;
      const report = new Promise<SoakReport>((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      worker.postMessage(order);
      onReport(await report);
      worker.removeAllListeners("error");
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: jobs }, work));
}

/** Runs one simulation over all seeds and says what came of it. Returns how many seeds failed. */
async function soak(name: SimulationName, options: Options): Promise<number> {
  const startedAt = performance.now();
  let shownAt = startedAt;
  let done = 0;
  const failures: { readonly seed: number; readonly violation: string }[] = [];
  const coverage = new Map<string, number>();
  await runAll(name, options, (report) => {
    done += report.count;
    failures.push(...report.failures);
    for (const [what, by] of report.coverage) coverage.set(what, (coverage.get(what) ?? 0) + by);
    if (performance.now() - shownAt < 2_000) return;
    shownAt = performance.now();
    console.log(`${name}: ${done} of ${options.seeds} seeds, ${failures.length} failed`);
  });
  if (options.coverage)
    for (const [what, by] of [...coverage].sort(([a], [b]) => (a < b ? -1 : 1)))
      console.log(`${String(by).padStart(10)}  ${what}`);
  failures.sort((a, b) => a.seed - b.seed);
  for (const { seed, violation } of failures.slice(0, FAILURES_SHOWN)) {
    console.log(`${name} seed ${seed}: ${violation}`);
    console.log(`  replay: npm run soak -- --only ${name} --replay ${seed}`);
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${name}: ${done - failures.length} seeds passed, ${failures.length} failed, ${seconds} s`,
  );
  return failures.length;
}

/** Runs one of the store's own soaks. Returns how many failed: 0 or 1. */
function soakStore(name: (typeof storeNames)[number], count: number, first: number): number {
  const given = ["--conditions=@waggle/source", storeSoak, name, String(count), String(first)];
  return spawnSync(process.execPath, given, { stdio: "inherit" }).status === 0 ? 0 : 1;
}

const options = parse();
if (options.replay !== undefined) {
  if (options.only.length === 0 && options.stores[0] === "storage") {
    process.exit(soakStore("storage", 1, options.replay));
  }
  const [name] = options.only;
  if (options.only.length !== 1 || name === undefined) fail("--replay needs --only");
  process.exit(replay(name, options.replay) ? 0 : 1);
}
let failed = 0;
for (const name of options.only) failed += await soak(name, options);
for (const name of options.stores) {
  failed += soakStore(name, name === "kill" ? options.killRounds : options.seeds, options.first);
}
process.exitCode = failed === 0 ? 0 : 1;
