// Durable appends per second as a share of what a loop in C reaches on the same disk in the same run, and the speed of
// recovery. The loop writes as many bytes per commit as the store does, into a file that was filled with zeros before. So
// was the store's segment: `prepared`. `sustained` is with segments of the default size, which are filled with zeros in
// the background meanwhile, so that every byte is written twice.
//   pnpm --filter @waggle/raft-storage bench [--rounds 5] [--ms 400] [--recover-mib 1024] [--directory DIR] [--json]
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { type DiskCalls, openFileStore } from "../src/file/index.ts";
import { SEGMENT_BYTES_DEFAULT, SEGMENT_BYTES_MAX } from "../src/index.ts";
import { benchAppends, fillStore } from "../src/testing/index.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    ms: { type: "string", default: "400" },
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
    "usage: bench [--rounds 5] [--ms 400] [--recover-mib 1024] [--directory DIR] [--json]",
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

/** Bytes of one record: its header, a hard state, and the entries, each with 22 bytes in front of its data. */
function recordBytes(entriesPerAppend: number): number {
  return Math.ceil((24 + 25 + entriesPerAppend * (22 + entryBytes)) / 8) * 8;
}

/** Twice what a round can write at 10 000 commits per second, so that the next segment is not begun within it. */
function preparedBytes(entriesPerAppend: number): number {
  const wanted = 2 * 10 * (durationMs + 100) * recordBytes(entriesPerAppend);
  return Math.min(
    Math.max(SEGMENT_BYTES_DEFAULT, Math.ceil(wanted / 4_096) * 4_096),
    SEGMENT_BYTES_MAX,
  );
}

async function ours(diskCalls: DiskCalls, entriesPerAppend: number, isPrepared: boolean) {
  const place = join(directory, "store");
  const segmentBytes = isPrepared ? preparedBytes(entriesPerAppend) : SEGMENT_BYTES_DEFAULT;
  const store = await openFileStore({ directory: place, diskCalls, segmentBytes });
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
    String(recordBytes(entriesPerAppend)),
    String(durationMs),
  ]);
  await rm(file);
  return Number(stdout);
}

const ways = [
  { name: "blocking", diskCalls: "blocking", isPrepared: true },
  { name: "background", diskCalls: "background", isPrepared: true },
  { name: "auto", diskCalls: "auto", isPrepared: true },
  { name: "auto sustained", diskCalls: "auto", isPrepared: false },
] as const;

async function appends(program: string) {
  const rows = [];
  for (const entriesPerAppend of [1, 16, 256]) {
    const loops: number[] = [];
    const samples = ways.map((way) => ({ ...way, rates: [] as number[], p99s: [] as number[] }));
    for (let round = 0; round < rounds; round += 1) {
      loops.push(await bare(program, entriesPerAppend));
      for (const { diskCalls, isPrepared, rates, p99s } of samples) {
        const result = await ours(diskCalls, entriesPerAppend, isPrepared);
        rates.push(result.appendsPerSecond);
        p99s.push(result.p99Ms);
      }
    }
    const loop = median(loops);
    say(`${entriesPerAppend} entries per append: C ${loop.toFixed(0)}/s`);
    for (const { name, rates, p99s } of samples) {
      const appendsPerSecond = median(rates);
      // Of each round's own loop: the disk is not the same from one second to the next.
      const share = median(rates.map((rate, round) => rate / (loops[round] ?? loop)));
      const p99Ms = median(p99s);
      say(
        `  ${name.padEnd(14)} ${appendsPerSecond.toFixed(0).padStart(6)}/s, ${share.toFixed(2)} of it, p99 ${p99Ms.toFixed(2)} ms`,
      );
      rows.push({ entriesPerAppend, name, bare: loop, appendsPerSecond, share, p99Ms });
    }
  }
  return rows;
}

async function recovery(bytesOfEntry: number) {
  const place = join(directory, "recover");
  const store = await openFileStore({ directory: place });
  await fillStore(store, { bytes: recoverMib * 1_048_576, entryBytes: bytesOfEntry });
  await store.close();
  const startedAt = performance.now();
  const reopened = await openFileStore({ directory: place });
  const tookMs = performance.now() - startedAt;
  const entries = reopened.initial().entries.length;
  await reopened.close();
  await rm(place, { recursive: true });
  const megabytesPerSecond = (entries * bytesOfEntry) / 1_000 / tookMs;
  say(
    `recovery of ${recoverMib} MiB in ${entries} entries of ${bytesOfEntry} bytes: ${tookMs.toFixed(0)} ms, ${megabytesPerSecond.toFixed(0)} MB/s`,
  );
  return { entries, bytesOfEntry, tookMs, megabytesPerSecond };
}

try {
  const program = join(directory, "append-loop");
  await run("cc", ["-O2", "-o", program, new URL("append-loop.c", import.meta.url).pathname]);
  const result = {
    appends: rounds > 0 ? await appends(program) : [],
    recovery:
      recoverMib > 0 ? [await recovery(256), await recovery(1_024), await recovery(4_096)] : [],
  };
  if (values.json) console.log(JSON.stringify(result));
} finally {
  await rm(directory, { recursive: true });
}
