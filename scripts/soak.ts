// `npm run soak`: the simulations of the protocol cores over many seeds, or one of them again.
//   npm run soak -- --seeds 2000 [--first 1] [--only raft|swim]
//   npm run soak -- --only raft --replay 4711
import { parseArgs } from "node:util";
import { runSeeds } from "../packages/simkit/src/index.ts";
import {
  runSwimSeed,
  traceSwimSeed,
} from "../packages/gossip-swim/test/simulation/swim-simulation.ts";
import {
  runRaftSeed,
  traceRaftSeed,
} from "../packages/raft-core/test/simulation/raft-simulation.ts";

const simulations = {
  raft: { run: runRaftSeed, trace: traceRaftSeed },
  swim: { run: runSwimSeed, trace: traceSwimSeed },
} as const;
type SimulationName = keyof typeof simulations;
const names = Object.keys(simulations) as SimulationName[];

const usage = `usage: npm run soak -- [--seeds COUNT] [--first SEED] [--only ${names.join("|")}]
       npm run soak -- --only ${names.join("|")} --replay SEED     prints every event of one seed`;

function fail(message: string): never {
  console.error(`${message}\n${usage}`);
  process.exit(2);
}

function wholeNumber(text: string, flag: string): number {
  if (!/^\d{1,15}$/.test(text)) fail(`${flag} takes a whole number`);
  return Number(text);
}

function parse(): {
  seeds: number;
  first: number;
  only: SimulationName[];
  replay: number | undefined;
} {
  try {
    const { values } = parseArgs({
      options: {
        seeds: { type: "string", default: "1000" },
        first: { type: "string", default: "1" },
        only: { type: "string" },
        replay: { type: "string" },
      },
    });
    const only = names.filter((name) => values.only === undefined || values.only === name);
    if (only.length === 0) fail(`--only takes one of ${names.join(", ")}`);
    return {
      seeds: wholeNumber(values.seeds, "--seeds"),
      first: wholeNumber(values.first, "--first"),
      only,
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

const options = parse();
if (options.replay !== undefined) {
  const [name] = options.only;
  if (options.only.length !== 1 || name === undefined) fail("--replay needs --only");
  process.exit(replay(name, options.replay) ? 0 : 1);
}

let failed = 0;
for (const name of options.only) {
  const startedAt = performance.now();
  let shownAt = startedAt;
  const summary = runSeeds({
    name,
    run: simulations[name].run,
    firstSeed: options.first,
    count: options.seeds,
    onProgress: (progress) => {
      if (performance.now() - shownAt < 2_000) return;
      shownAt = performance.now();
      console.log(`${name}: ${progress.done} of ${options.seeds} seeds, ${progress.failed} failed`);
    },
  });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  for (const failure of summary.failures) {
    console.log(`${name} seed ${failure.seed}: ${failure.violation}`);
    console.log(`  replay: npm run soak -- --only ${name} --replay ${failure.seed}`);
  }
  failed += summary.failed;
  console.log(
    `${name}: ${summary.runs - summary.failed} seeds passed, ${summary.failed} failed, ${seconds} s`,
  );
}
process.exitCode = failed === 0 ? 0 : 1;
