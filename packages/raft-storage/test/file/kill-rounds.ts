import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { openFileStore } from "../../src/file/index.ts";
import { randomOf } from "../../src/testing/seeded.ts";

const child = new URL("./append-forever.ts", import.meta.url).pathname;
const APPENDS_MAX = 60;

/** Lets a process append until `count` appends were acknowledged, kills it, and resolves with the last acknowledged. */
async function appendAndKill(directory: string, count: number): Promise<number> {
  const appending = spawn(process.execPath, ["--conditions=@waggle/source", child, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let acknowledged = 0;
  let seen = 0;
  for await (const line of createInterface({ input: appending.stdout })) {
    acknowledged = Number(line);
    seen += 1;
    if (seen === count) appending.kill("SIGKILL");
  }
  if (appending.exitCode === null && appending.signalCode === null) await once(appending, "exit");
  if (appending.signalCode !== "SIGKILL") throw new Error("the process ended before it was killed");
  return acknowledged;
}

/** What a store holds must be all that was acknowledged, without a gap, unchanged, and with the hard state beside it. */
async function check(directory: string, acknowledged: number): Promise<number> {
  const store = await openFileStore({ directory });
  const { entries, hardState } = store.initial();
  await store.close();
  const isWhole = entries.every(
    ({ index, data }, at) => index === at + 1 && data.every((byte) => byte === index % 251),
  );
  if (!isWhole) throw new Error("an entry is missing or changed");
  if (entries.length < acknowledged) {
    throw new Error(`${acknowledged} were acknowledged, ${entries.length} are there`);
  }
  if (hardState?.commit !== entries.length) throw new Error("the hard state is not the entries'");
  return entries.length;
}

/** Kills a process that appends, again and again on the same store; resolves with the entries that it holds in the end. */
export async function killRounds(
  directory: string,
  options: { readonly rounds: number; readonly seed: number; readonly onRound?: () => void },
): Promise<number> {
  const random = randomOf(options.seed);
  let entries = 0;
  for (let round = 0; round < options.rounds; round += 1) {
    const acknowledged = await appendAndKill(directory, 1 + Math.floor(random() * APPENDS_MAX));
    entries = await check(directory, acknowledged);
    options.onRound?.();
  }
  return entries;
}
