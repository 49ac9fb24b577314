import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { runRaftLog } from "../../src/cli/run.ts";
import { createNodeVfs, openFileStore } from "../../src/file/index.ts";
import { chunksOf, entriesOf, entryAt, holds, metadataAt } from "../../src/testing/case.ts";
import { withDirectory } from "../directory.ts";

async function raftLog(...given: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const status = await runRaftLog(given, {
    vfs: createNodeVfs(),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
  });
  return { status, out: out.join("\n"), err: err.join("\n") };
}

const hardState = { term: term(2), vote: nodeId(3), commit: logIndex(100) };

async function filled(directory: string): Promise<void> {
  const store = await openFileStore({ directory, segmentBytes: 4_096 });
  for (const entry of entriesOf(1, 120)) await store.append({ entries: [entry], sync: false });
  await store.append({ entries: [], hardState, sync: true });
  await store.saveSnapshot(metadataAt(50), chunksOf(1, [1_000]), { truncateLog: false });
  await store.close();
}

async function damage(directory: string, name: string, offset: number): Promise<void> {
  const bytes = await readFile(join(directory, name));
  bytes[offset]! ^= 1;
  await writeFile(join(directory, name), bytes);
}

describe("raft-log", () => {
  it("says how it is used", async () => {
    const help = await raftLog("--help");
    expect(help).toMatchObject({ status: 0, err: "" });
    expect(help.out).toContain("raft-log truncate DIR");
    for (const [given, said] of [
      [["mend", "x"], "there is no command 'mend'"],
      [["dump"], "dump needs a directory"],
      [["dump", "x", "y"], "one argument too many"],
      [["dump", "x", "--from", "-1"], "--from"],
      [["dump", "x", "--wrong"], "--wrong"],
    ] as const) {
      const { status, err } = await raftLog(...given);
      expect(status, given.join(" ")).toBe(2);
      expect(err).toContain(said);
    }
    expect((await raftLog("dump", "/nowhere/at/all")).status).toBe(4);
  });

  it("dumps a log, also while it is open, and verifies it", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      const some = await raftLog("dump", directory, "--from", "5", "--to", "6");
      expect(some.out.split("\n").map((line) => line.split("  ")[1])).toEqual([
        `entry 5: term 1, normal, 16 bytes ${"24".repeat(16)}`,
        `entry 6: term 1, normal, 16 bytes ${"2b".repeat(16)}`,
      ]);
      const all = await raftLog("dump", directory, "--json");
      const items = all.out.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
      const found = items.filter(({ type }) => type === "entry").map(({ index }) => index);
      expect(found).toEqual(entriesOf(1, 120).map(({ index }) => index));
      expect(items).toContainEqual(expect.objectContaining({ type: "hard-state", vote: 3 }));
      expect(items).toContainEqual(expect.objectContaining({ type: "snapshot", index: 50 }));
      expect((await raftLog("dump", directory)).out).toContain(
        "hard state: term 2, vote 3, commit",
      );
      const verified = await raftLog("verify", directory);
      expect(verified).toMatchObject({ status: 0, err: "" });
      expect(verified.out).toMatch(/^whole: \d+ segments, \d+ records, entries 1 to 120\n/);
      expect(verified.out).toContain("snapshot 50: term 1, 1000 bytes, whole");
      expect(JSON.parse((await raftLog("verify", directory, "--json")).out)).toMatchObject({
        lastIndex: 120,
        hardState,
      });
      await store.close();
    }));

  it("reads a log that is written to meanwhile", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 1_048_576 });
      const ending = new AbortController();
      const writing = (async () => {
        for (let index = 1; !ending.signal.aborted; index += 1) {
          await store.append({ entries: [entryAt(index, 1, 300)], sync: true });
        }
      })();
      for (let round = 0; round < 20; round += 1) {
        expect(await raftLog("verify", directory)).toMatchObject({ status: 0, err: "" });
      }
      ending.abort();
      await writing;
      await store.close();
    }));

  it("tells of an unfinished write without calling it damage", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      const last = (await readdir(directory)).filter((name) => name.endsWith(".wal")).at(-1)!;
      const bytes = await readFile(join(directory, last));
      await writeFile(join(directory, last), bytes.fill(0xaa, 4_000));
      const verified = await raftLog("verify", directory);
      expect(verified.status).toBe(0);
      expect(verified.out).toContain("an unfinished write at");
      expect((await raftLog("dump", directory)).err).toContain("an unfinished write");
    }));

  it("names damage, prints what is whole before it, and cuts it off only when told", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      const name = "log-0000000000000002.wal";
      await damage(directory, name, 1_000);
      const dumped = await raftLog("dump", directory);
      expect(dumped.status).toBe(1);
      const { status, err } = await raftLog("verify", directory);
      expect(status).toBe(1);
      const [, offset, last] = /at (\d+): .* entries 1 to (\d+)/.exec(err)!;
      expect(dumped.out).toContain(`entry ${last}:`);
      expect(dumped.out).not.toContain(`entry ${Number(last) + 1}:`);
      const before = await readFile(join(directory, name));
      const asked = await raftLog("truncate", directory, "--after", `${name}@${offset}`);
      expect(asked.status).toBe(2);
      expect(asked.out).toContain(`up to entry ${last}`);
      expect((await readFile(join(directory, name))).equals(before)).toBe(true);
      expect(
        (await raftLog("truncate", directory, "--after", `${name}@${Number(offset) + 8}`, "--yes"))
          .err,
      ).toContain("no whole record");
      const done = await raftLog("truncate", directory, "--after", `${name}@${offset}`, "--yes");
      expect(done).toMatchObject({ status: 0, err: "" });
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      holds(store.initial(), entriesOf(1, Number(last)));
      await store.close();
    }));

  it("drops entries above an index, also all of a segment, and never everything", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      expect((await raftLog("truncate", directory, "--after", "80")).status).toBe(2);
      const done = await raftLog("truncate", directory, "--after", "80", "--yes");
      expect(done).toMatchObject({ status: 0, err: "" });
      expect(done.out).toContain("drops 40 entries, 81 to 120");
      expect(done.out).toContain("entries up to 100 are committed");
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      holds(store.initial(), entriesOf(1, 80));
      expect(store.initial().hardState).toEqual({ ...hardState, commit: 80 });
      await store.append({ entries: [entryAt(81, 5)], sync: true });
      await store.close();
      for (const after of ["40", "200", "log-0000000000000001.wal@64", "nonsense"]) {
        expect((await raftLog("truncate", directory, "--after", after, "--yes")).status).toBe(2);
      }
    }));

  it("refuses to truncate while a process holds the store", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      for (const after of ["80", "log-0000000000000001.wal@96"]) {
        const refused = await raftLog("truncate", directory, "--after", after, "--yes");
        expect(refused.status).toBe(3);
        expect(refused.err).toContain("Stop that process first");
      }
      await store.close();
      const reopened = await openFileStore({ directory });
      holds(reopened.initial(), entriesOf(1, 120));
      await reopened.close();
    }));

  it("runs as a program", () =>
    withDirectory(async (directory) => {
      await filled(directory);
      const main = new URL("../../src/cli/main.ts", import.meta.url).pathname;
      const given = ["--conditions=@waggle/source", main, "verify", directory];
      const { stdout } = await promisify(execFile)(process.execPath, given);
      expect(stdout).toContain("entries 1 to 120");
    }));
});
