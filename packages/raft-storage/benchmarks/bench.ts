// Durable appends per second as a share of what a loop in C reaches on the same disk in the same run, and the speed of
// recovery.
//   pnpm --filter @waggle/raft-storage bench [--rounds 5] [--ms 1000] [--recover-mib 1024] [--directory DIR] [--json]
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type DiskCalls, openFileStore } from "../src/file/index.ts";
import { benchAppends, fillStore } from "../src/testing/index.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    ms: { type: "string", default: "1000" },
    "recover-mib": { type: "string", default: "1024" },
    directory: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const durationMs = Number(values.ms);
const recoverMib = Number(values["recover-mib"]);
if (
  ![rounds, durationMs, recoverMib].every((number) => Number.isSafeInteger(number) && number >= 0)
) {
  console.error(
    "usage: bench [--rounds 5] [--ms 1000] [--recover-mib 1024] [--directory DIR] [--json]",
  );
  process.exit(2);
}
const entryBytes = 256;
const run = promisify(execFile);
const say = (text: string): void => {
  if (!values.json) console.log(text);
};
const directory = await mkdtemp(join(values.directory, "waggle-bench-"));

function median(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? 0;
}

async function ours(diskCalls: DiskCalls, entriesPerAppend: number) {
  const place = join(directory, "store");
  const store = await openFileStore({ directory: place, diskCalls });
  // Lets `auto` find its way first.
  const options = { entriesPerAppend, entryBytes, nowMs: () => performance.now() };
  const { next } = await benchAppends(store, 1, { ...options, durationMs: 100 });
  const result = await benchAppends(store, next, { ...options, durationMs });
  await store.close();
  await rm(place, { recursive: true });
  return result;
}

async function bare(program: string, entriesPerAppend: number): Promise<number> {
  const file = join(directory, "bare");
  const { stdout } = await run(program, [
    file,
    String(entriesPerAppend * entryBytes),
    String(durationMs),
  ]);
  await rm(file);
  return Number(stdout);
}

async function appends(program: string) {
  const rows = [];
  for (const entriesPerAppend of [1, 16, 256]) {
    const samples = {
      bare: [] as number[],
      blocking: [] as number[],
      background: [] as number[],
      auto: [] as number[],
    };
    const p99 = { blocking: [] as number[], background: [] as number[], auto: [] as number[] };
    for (let round = 0; round < rounds; round += 1) {
      samples.bare.push(await bare(program, entriesPerAppend));
      for (const diskCalls of ["blocking", "background", "auto"] as const) {
        const { appendsPerSecond, p99Ms } = await ours(diskCalls, entriesPerAppend);
        samples[diskCalls].push(appendsPerSecond);
        p99[diskCalls].push(p99Ms);
      }
    }
    const loop = median(samples.bare);
    const row: Record<string, number> = { entriesPerAppend, bare: loop };
    let line = `${String(entriesPerAppend).padStart(4)} entries: C ${loop.toFixed(0).padStart(6)}/s`;
    for (const diskCalls of ["blocking", "background", "auto"] as const) {
      const rate = median(samples[diskCalls]);
      row[diskCalls] = rate;
      row[`${diskCalls}Share`] = rate / loop;
      row[`${diskCalls}P99Ms`] = median(p99[diskCalls]);
      const share = `${(rate / loop).toFixed(2)} of it, p99 ${median(p99[diskCalls]).toFixed(2)} ms`;
      line += ` | ${diskCalls} ${rate.toFixed(0).padStart(6)}/s (${share})`;
    }
    say(line);
    rows.push(row);
  }
  return rows;
}

async function recovery() {
  const place = join(directory, "recover");
  const bytes = recoverMib * 1_048_576;
  const store = await openFileStore({ directory: place });
  await fillStore(store, { bytes, entryBytes });
  await store.close();
  const startedAt = performance.now();
  const reopened = await openFileStore({ directory: place });
  const tookMs = performance.now() - startedAt;
  const entries = reopened.initial().entries.length;
  await reopened.close();
  const megabytesPerSecond = (entries * entryBytes) / 1_000 / tookMs;
  say(
    `recovery of ${recoverMib} MiB in ${entries} entries: ${tookMs.toFixed(0)} ms, ${megabytesPerSecond.toFixed(0)} MB/s`,
  );
  return { entries, tookMs, megabytesPerSecond };
}

try {
  const program = join(directory, "append-loop");
  await run("cc", ["-O2", "-o", program, new URL("append-loop.c", import.meta.url).pathname]);
  const result = {
    appends: rounds > 0 ? await appends(program) : [],
    recovery: recoverMib > 0 ? await recovery() : undefined,
  };
  if (values.json) console.log(JSON.stringify(result));
} finally {
  await rm(directory, { recursive: true });
}
