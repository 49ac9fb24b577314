import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";
import { openFileStore } from "../../src/file/index.ts";
import { withDirectory } from "../directory.ts";

const child = new URL("./append-forever.ts", import.meta.url).pathname;

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
  expect(appending.signalCode).toBe("SIGKILL");
  return acknowledged;
}

describe("file store in a process that is killed", () => {
  it("finds every acknowledged entry again", () =>
    withDirectory(async (directory) => {
      for (const count of [20, 60, 120]) {
        const acknowledged = await appendAndKill(directory, count);
        const store = await openFileStore({ directory });
        const { entries, hardState } = store.initial();
        expect(entries.length).toBeGreaterThanOrEqual(acknowledged);
        expect(entries.map(({ index }) => index)).toEqual(entries.map((_, at) => at + 1));
        expect(entries.every(({ data, index }) => data.every((byte) => byte === index % 251))).toBe(
          true,
        );
        expect(hardState?.commit).toBe(entries.length);
        await store.close();
      }
    }));
});
