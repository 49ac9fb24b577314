import type { FaultVfs, VfsFault, VfsOperation } from "../../src/testing/index.ts";
import { logIndex } from "@waggle/raft-core";
import { describe, expect, it } from "vitest";
import { openFileStore, type Vfs } from "../../src/file/index.ts";
import {
  chunksOf,
  entriesOf,
  entryAt,
  holds,
  metadataAt,
  refuses,
} from "../../src/testing/case.ts";
import { crashCases, createFaultVfs, runCrashSeed } from "../../src/testing/index.ts";
import { randomOf } from "../../src/testing/seeded.ts";

const directory = "/store";
const segmentBytes = 4_096;
const subject = {
  open: (vfs: Vfs) => openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs }),
};

function methodsOf(vfs: FaultVfs): Vfs {
  return {
    makeDirectory: (path) => vfs.makeDirectory(path),
    list: (path) => vfs.list(path),
    open: (path, mode) => vfs.open(path, mode),
    rename: (from, to) => vfs.rename(from, to),
    remove: (path) => vfs.remove(path),
    syncDirectory: (path) => vfs.syncDirectory(path),
    lock: (path) => vfs.lock(path),
  };
}

describe("file store under faults", () => {
  for (const testCase of crashCases) it(testCase.name, () => testCase.run(subject));

  it("loses nothing synced in 100 random histories of crashes", async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      await runCrashSeed(subject, seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
    }
  });

  it("makes durable at open what a killed process had only written", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const first = createFaultVfs({ random: randomOf(seed) });
      const store = await subject.open(first);
      await store.append({ entries: [entryAt(1, 1, 900)], sync: false });
      const second = first.restart({ random: randomOf(seed) });
      const found = (await subject.open(second)).initial();
      const third = await subject.open(second.reboot({ random: randomOf(seed) }));
      holds(third.initial(), found.entries);
      expect(found.entries).toHaveLength(1);
    }
  });

  it("never takes what is left of a lost write for a later one", async () => {
    let torn = 0;
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = randomOf(seed);
      const before = createFaultVfs({ random });
      const store = await subject.open(before);
      await store.append({ entries: [entryAt(1)], sync: true });
      for (const index of [2, 3]) {
        await store.append({ entries: [entryAt(index, 1, 600)], sync: false });
      }
      const after = before.reboot({ random });
      const reopened = await subject.open(after);
      if (reopened.initial().entries.length > 1) continue;
      torn += 1;
      await reopened.append({ entries: [entryAt(2, 2, 600)], sync: true });
      const again = await subject.open(after.reboot({ random }));
      holds(again.initial(), [entryAt(1), entryAt(2, 2, 600)]);
    }
    expect(torn).toBeGreaterThan(20);
  });

  it("forgets what it refused for lack of room, even when all but zeros was written", async () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      let full = false;
      const fault = (operation: VfsOperation): VfsFault | undefined => {
        const isFull = full && operation === "write";
        full = false;
        return isFull ? "ENOSPC" : undefined;
      };
      const vfs = createFaultVfs({ random: randomOf(seed), fault });
      const store = await subject.open(vfs);
      await store.append({ entries: [entryAt(1)], sync: true });
      full = true;
      const entry = { ...entryAt(2), data: new Uint8Array(2_000) };
      await refuses("disk-full", store.append({ entries: [entry], sync: true }));
      const reopened = await subject.open(vfs.restart({ random: randomOf(seed) }));
      holds(reopened.initial(), [entryAt(1)]);
    }
  });

  it("leaves no hole when the power fails while segments are deleted", async () => {
    const run = async (crashAfter: number, seed: number): Promise<boolean> => {
      let left = Infinity;
      const fault = (): VfsFault | undefined => ((left -= 1) < 0 ? "crash" : undefined);
      const vfs = createFaultVfs({ random: randomOf(seed), names: "any", fault });
      const store = await subject.open(vfs);
      for (const entry of entriesOf(1, 300)) await store.append({ entries: [entry], sync: false });
      await store.saveSnapshot(metadataAt(300), chunksOf(1, [10]), { truncateLog: false });
      left = crashAfter;
      const isDone = await store.compact(logIndex(300)).then(
        () => true,
        () => false,
      );
      const rebooted = vfs.reboot({ random: randomOf(seed), names: "any", fault });
      left = seed % 2 === 0 ? Infinity : crashAfter % 9;
      const opened = await subject.open(rebooted).catch((error: unknown) => error);
      if (left === Infinity) expect(opened).not.toBeInstanceOf(Error);
      left = Infinity;
      const reopened = await subject.open(rebooted.reboot({ random: randomOf(seed + 1) }));
      expect(reopened.initial().snapshot?.index).toBe(300);
      return isDone;
    };
    for (let seed = 1; seed <= 6; seed += 1) {
      for (let crashAfter = 0; !(await run(crashAfter, seed)); crashAfter += 1);
    }
  });

  it("leaves no unfinished file behind after a crash", async () => {
    for (let point = 1; point < 60; point += 1) {
      const fault = (_: VfsOperation, __: string, count: number): VfsFault | undefined =>
        count === point ? "crash" : undefined;
      const vfs = createFaultVfs({ random: randomOf(point), fault });
      const store = await subject.open(vfs).catch(() => undefined);
      const saved = store?.saveSnapshot(metadataAt(3), chunksOf(1, [10]), { truncateLog: true });
      await saved?.catch(() => undefined);
      await store?.close().catch(() => undefined);
      const rebooted = vfs.reboot({ random: randomOf(1) });
      await (await subject.open(rebooted)).close();
      const left = (await rebooted.list(directory)).filter((name) => name.endsWith(".tmp"));
      expect(left).toEqual([]);
    }
  });

  it("closes every file when it cannot be opened", async () => {
    const random = randomOf(3);
    const filled = createFaultVfs({ random });
    const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs: filled });
    for (const entry of entriesOf(1, 150)) await store.append({ entries: [entry], sync: true });
    await store.saveSnapshot(metadataAt(140), chunksOf(1, [10]), { truncateLog: false });
    await store.close();
    for (const before of [createFaultVfs({ random }), filled]) {
      await before.open(`${directory}/log-left-over.tmp`, "create");
      await before.syncDirectory(directory);
      for (const failing of ["sync", "rename", "remove", "sync-directory"] as const) {
        const fault = (operation: VfsOperation) => (operation === failing ? "EIO" : undefined);
        const vfs = before.reboot({ random, fault });
        let openFiles = 0;
        const open = async (path: string, mode: "read" | "update" | "create") => {
          const file = await vfs.open(path, mode);
          openFiles += 1;
          return { ...file, close: () => ((openFiles -= 1), file.close()) };
        };
        const counting = { ...methodsOf(vfs), open };
        const opened = openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs: counting });
        await opened.then((store) => store.close()).catch(() => undefined);
        expect(openFiles, failing).toBe(0);
      }
    }
  });

  it("says so when closing cannot make the rest durable, and is closed all the same", async () => {
    let failing = false;
    const fault = (operation: VfsOperation): VfsFault | undefined =>
      failing && operation === "sync" ? "EIO" : undefined;
    const vfs = createFaultVfs({ random: randomOf(1), fault });
    const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
    await store.append({ entries: [entryAt(1)], sync: false });
    failing = true;
    await refuses("failed", store.close());
    failing = false;
    await (await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs })).close();
  });

  it("is broken for good after a failed sync", async () => {
    let failing = false;
    const fault = (operation: VfsOperation): VfsFault | undefined =>
      failing && operation === "sync" ? "EIO" : undefined;
    const vfs = createFaultVfs({ random: randomOf(1), fault });
    const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
    await store.append({ entries: [entryAt(1)], sync: true });
    failing = true;
    const calls = [2, 3].map((index) => store.append({ entries: [entryAt(index)], sync: true }));
    for (const call of calls) await refuses("failed", call);
    failing = false;
    await refuses("failed", store.append({ entries: [entryAt(2)], sync: true }));
    await refuses(
      "failed",
      store.saveSnapshot(metadataAt(1), chunksOf(1, [1]), { truncateLog: false }),
    );
    await refuses("failed", store.openSnapshot());
    await store.close();
    const reopened = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
    expect(reopened.initial().entries.length).toBeGreaterThanOrEqual(1);
    await reopened.close();
  });
});
