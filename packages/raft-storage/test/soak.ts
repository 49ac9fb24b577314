// The store's long tests, for `npm run soak -- --only storage` and `--only kill`:
//   node --conditions=@waggle/source packages/raft-storage/test/soak.ts storage|kill COUNT FIRST
import { runCrashSeed } from "../src/testing/index.ts";
import { openFileStore } from "../src/file/index.ts";
import { withDirectory } from "./directory.ts";
import { killRounds } from "./file/kill-rounds.ts";

const [name, countText = "1000", firstText = "1"] = process.argv.slice(2);
const count = Number(countText);
const first = Number(firstText);

async function storage(): Promise<number> {
  let failed = 0;
  for (let seed = first; seed < first + count; seed += 1) {
    const open = (vfs: Parameters<Parameters<typeof runCrashSeed>[0]["open"]>[0]) =>
      openFileStore({ directory: "/store", segmentBytes: 4_096, idleMarkMs: 0, vfs });
    await runCrashSeed({ open }, seed).catch((error: unknown) => {
      failed += 1;
      console.log(
        `storage seed ${seed}: ${error instanceof Error ? error.message : String(error)}`,
      );
      console.log(`  replay: npm run soak -- --only storage --replay ${seed}`);
    });
  }
  console.log(`storage: ${count - failed} seeds passed, ${failed} failed`);
  return failed;
}

async function kill(): Promise<number> {
  let done = 0;
  const onRound = (): void => {
    done += 1;
    if (done % 20 === 0) console.log(`kill: ${done} of ${count} rounds`);
  };
  const entries = await withDirectory((directory) =>
    killRounds(directory, { rounds: count, seed: first, onRound }),
  );
  console.log(`kill: ${done} rounds, ${entries} entries, nothing acknowledged was lost`);
  return 0;
}

if (name !== "storage" && name !== "kill") {
  console.error("usage: soak.ts storage|kill [COUNT] [FIRST SEED]");
  process.exit(2);
}
process.exitCode = (await (name === "kill" ? kill() : storage())) === 0 ? 0 : 1;
