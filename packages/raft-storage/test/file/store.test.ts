import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createNodeVfs, openFileStore, type RecoveryReport } from "../../src/file/index.ts";
import {
  chunksOf,
  entriesOf,
  entryAt,
  holds,
  metadataAt,
  refuses,
  snapshotBytes,
} from "../../src/testing/case.ts";
import {
  complianceCases,
  createFaultVfs,
  type VfsFault,
  type VfsOperation,
} from "../../src/testing/index.ts";
import { logIndex } from "@waggle/raft-core";
import { crc32 } from "node:zlib";
import { RaftStoreError, SEGMENT_BYTES_MAX } from "../../src/index.ts";
import { withDirectory } from "../directory.ts";
import { randomOf } from "../../src/testing/seeded.ts";

async function filesOf(directory: string): Promise<readonly (readonly [string, Buffer])[]> {
  const names = (await readdir(directory)).sort();
  return Promise.all(
    names.map(async (name) => [name, await readFile(join(directory, name))] as const),
  );
}

const local = { truncateLog: false };

describe("file store", () => {
  for (const segmentBytes of [4_096, 1_048_576]) {
    for (const testCase of complianceCases) {
      it(`${testCase.name} (${segmentBytes})`, () =>
        withDirectory((directory) => {
          const open = () => openFileStore({ directory, segmentBytes });
          return testCase.run({
            open,
            reopen: async (store) => {
              await store.close();
              return open();
            },
          });
        }));
    }
  }

  it("keeps a second one out until it is closed", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      await refuses("locked", openFileStore({ directory }));
      await store.close();
      await (await openFileStore({ directory })).close();
    }));

  it("leaves nothing unfinished behind when it is closed", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      await store.append({ entries: entriesOf(1, 4), sync: true });
      const hasBegun = Promise.withResolvers<undefined>();
      const endless = async function* () {
        for (;;) {
          yield await Promise.resolve(new Uint8Array(10));
          hasBegun.resolve(undefined);
        }
      };
      const saved = refuses("closed", store.saveSnapshot(metadataAt(3), endless(), local));
      await hasBegun.promise;
      await store.close();
      expect(await readdir(directory)).toEqual(["log-0000000000000001.wal"]);
      await saved;
    }));

  it("takes over the lock file of a process that is gone", () =>
    withDirectory(async (directory) => {
      await writeFile(join(directory, "LOCK"), "4194305 12345\n");
      await (await openFileStore({ directory })).close();
      await writeFile(join(directory, "LOCK"), `${process.ppid} 1\n`);
      await (await openFileStore({ directory })).close();
    }));

  it("shares one sync among all that is queued", () =>
    withDirectory(async (directory) => {
      const vfs = createNodeVfs();
      let syncs = 0;
      const counting: typeof vfs = {
        ...vfs,
        open: async (path, mode) => {
          const file = await vfs.open(path, mode);
          return { ...file, sync: () => ((syncs += 1), file.sync()) };
        },
      };
      const store = await openFileStore({ directory, vfs: counting, segmentBytes: 65_536 });
      syncs = 0;
      await Promise.all(
        entriesOf(1, 100).map((entry) => store.append({ entries: [entry], sync: true })),
      );
      expect(syncs).toBe(1);
      await store.append({ entries: [], hardState: undefined, sync: false });
      await store.append({ entries: [entryAt(101)], sync: false });
      expect(syncs).toBe(1);
      await store.close();
    }));

  it("deletes whole segments that a snapshot covers", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      for (const entry of entriesOf(1, 200)) await store.append({ entries: [entry], sync: false });
      const before = (await readdir(directory)).filter((name) => name.endsWith(".wal")).length;
      await store.saveSnapshot(metadataAt(190), chunksOf(1, [10]), local);
      await store.compact(logIndex(150));
      const after = (await readdir(directory)).filter((name) => name.endsWith(".wal")).length;
      expect(before).toBeGreaterThan(3);
      expect(after).toBeLessThan(before);
      await store.close();
      const reopened = await openFileStore({ directory, segmentBytes: 4_096 });
      expect(reopened.initial().entries[0]?.index).toBeLessThanOrEqual(151);
      holds(reopened.initial(), entriesOf(1, 200));
      await reopened.close();
    }));

  it("keeps snapshots by number and age, and those that are read", () =>
    withDirectory(async (directory) => {
      let now = 1_000;
      const options = { directory, snapshotsMax: 3, snapshotAgeMsMax: 50, nowMs: () => now };
      const kept = async () =>
        (await readdir(directory))
          .filter((name) => name.endsWith(".snap"))
          .map((name) => Number.parseInt(name.slice(9, 25), 16));
      const store = await openFileStore(options);
      await store.append({ entries: entriesOf(1, 9), sync: true });
      await store.saveSnapshot(metadataAt(1), chunksOf(1, [10]), local);
      const reader = await store.openSnapshot();
      for (const index of [2, 3, 4]) {
        await store.saveSnapshot(metadataAt(index), chunksOf(index, [10]), local);
      }
      expect(await kept()).toEqual([1, 2, 3, 4]);
      for await (const chunk of reader!.chunks()) expect(chunk).toEqual(new Uint8Array(10).fill(1));
      await reader!.close();
      await reader!.close();
      now += 40;
      await store.saveSnapshot(metadataAt(5), chunksOf(5, [10]), local);
      expect(await kept()).toEqual([3, 4, 5]);
      now += 20;
      await store.saveSnapshot(metadataAt(6), chunksOf(6, [10]), local);
      expect(await kept()).toEqual([5, 6]);
      await store.close();
      now += 1_000;
      await (await openFileStore(options)).close();
      expect(await kept()).toEqual([6]);
    }));

  it("keeps a staged snapshot for which the log has no room", async () => {
    let full = false;
    const fault = (operation: VfsOperation): VfsFault | undefined =>
      full && (operation === "write" || operation === "create") ? "ENOSPC" : undefined;
    const vfs = createFaultVfs({ random: randomOf(1), fault });
    const store = await openFileStore({ directory: "/store", segmentBytes: 4_096, vfs });
    const bytes = new Uint8Array([1, 2, 3]);
    const stage = await store.stageSnapshot(metadataAt(7), "a");
    await stage.write(bytes);
    await stage.complete({ byteLength: 3, crc32: crc32(bytes) });
    full = true;
    await refuses("disk-full", store.installSnapshot(metadataAt(7)));
    const second = store.stageSnapshot(metadataAt(8), "b");
    await refuses("disk-full", second);
    full = false;
    await store.installSnapshot(metadataAt(7));
    expect(await snapshotBytes(store)).toEqual(bytes);
    await store.close();
    const reopened = await openFileStore({ directory: "/store", segmentBytes: 4_096, vfs });
    expect(reopened.initial().snapshot?.index).toBe(7);
    await reopened.close();
  });

  it("gives a staged snapshot up, and its room free, when the disk is full", async () => {
    let full = false;
    const fault = (operation: VfsOperation): VfsFault | undefined =>
      full && operation === "write" ? "ENOSPC" : undefined;
    const vfs = createFaultVfs({ random: randomOf(1), fault });
    const store = await openFileStore({ directory: "/store", segmentBytes: 4_096, vfs });
    const stage = await store.stageSnapshot(metadataAt(7), "a");
    await stage.write(new Uint8Array(100));
    full = true;
    await refuses("disk-full", stage.write(new Uint8Array(100)));
    full = false;
    expect((await vfs.list("/store")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect((await store.stageSnapshot(metadataAt(7), "a")).byteLength).toBe(0);
    await store.close();
  });

  it("takes a batch that is larger than a segment", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      await store.append({ entries: [entryAt(1, 1, 50_000)], sync: true });
      await store.append({ entries: [entryAt(2)], sync: true });
      await store.close();
      const reopened = await openFileStore({ directory, segmentBytes: 4_096 });
      holds(reopened.initial(), [entryAt(1, 1, 50_000), entryAt(2)]);
      await reopened.close();
    }));

  it("cuts off a torn tail, says so, and leaves foreign files alone", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      await store.append({ entries: entriesOf(1, 3), sync: true });
      await store.close();
      await writeFile(join(directory, "log-abc.tmp"), "left over");
      await writeFile(join(directory, "notes.txt"), "not ours");
      const path = join(directory, "log-0000000000000001.wal");
      const bytes = await readFile(path);
      bytes.fill(0xaa, 1_000, 1_100);
      await writeFile(path, bytes);
      const reports: RecoveryReport[] = [];
      const onRecovery = (report: RecoveryReport) => reports.push(report);
      const reopened = await openFileStore({ directory, segmentBytes: 4_096, onRecovery });
      holds(reopened.initial(), entriesOf(1, 3));
      await reopened.close();
      await (await openFileStore({ directory, onRecovery })).close();
      expect(reports.map(({ torn }) => torn?.file)).toEqual([path, undefined]);
      expect(reports[0]?.removed).toEqual(["log-abc.tmp"]);
      expect(await readdir(directory)).toContain("notes.txt");
    }));

  it("refuses damage before the tail, names it, and changes nothing", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      for (const entry of entriesOf(1, 200)) await store.append({ entries: [entry], sync: true });
      await store.saveSnapshot(metadataAt(50), chunksOf(1, [1_000]), local);
      await store.close();
      const names = (await readdir(directory)).filter((name) => name !== "LOCK").sort();
      for (const name of names) {
        const path = join(directory, name);
        const original = await readFile(path);
        // The header, and the second record or the metadata; the last bytes before a torn tail are another case.
        for (const offset of name.endsWith(".snap") ? [3, 30, 40] : [3, 20, 70, 200]) {
          const damaged = Buffer.from(original);
          damaged[offset]! ^= 0xff;
          await writeFile(path, damaged);
          await expect(openFileStore({ directory }), `${name} at ${offset}`).rejects.toMatchObject({
            code: "corrupt",
            file: path,
          });
          expect((await readFile(path)).equals(damaged)).toBe(true);
        }
        await writeFile(path, original);
      }
      const reopened = await openFileStore({ directory });
      holds(reopened.initial(), entriesOf(1, 200));
      await reopened.close();
    }));

  it("knows damage to the last record for damage once the log is marked", () =>
    withDirectory(async (directory) => {
      const path = join(directory, "log-0000000000000001.wal");
      const damage = async () => {
        const bytes = await readFile(path);
        bytes[64 + 32 + 24 + 60]! ^= 0xff;
        await writeFile(path, bytes);
      };
      for (const idleMarkMs of [0, 1]) {
        const store = await openFileStore({ directory, segmentBytes: 4_096, idleMarkMs });
        await store.append({ entries: entriesOf(1, 3), sync: true });
        if (idleMarkMs === 0) {
          await store.close();
        } else {
          const isMarked = async () =>
            (await readFile(path)).readUInt32LE(64 + 32 + 24 + 120) === 1;
          await expect.poll(isMarked).toBe(true);
          await damage();
          await store.close();
          await damage();
        }
        await damage();
        await expect(openFileStore({ directory })).rejects.toMatchObject({ code: "corrupt" });
        await damage();
        const reopened = await openFileStore({ directory });
        holds(reopened.initial(), entriesOf(1, 3));
        await reopened.close();
        await rm(path);
      }
    }));

  for (const diskCalls of ["auto", "blocking", "background"] as const) {
    it(`appends the same with disk calls ${diskCalls}`, () =>
      withDirectory(async (directory) => {
        const store = await openFileStore({ directory, segmentBytes: 8_192, diskCalls });
        let timers = 0;
        const timer = setInterval(() => (timers += 1), 0);
        for (const entry of entriesOf(1, 300)) await store.append({ entries: [entry], sync: true });
        clearInterval(timer);
        // However the disk is called, the event loop turns between two commits.
        expect(timers).toBeGreaterThan(3);
        await store.close();
        const reopened = await openFileStore({ directory });
        holds(reopened.initial(), entriesOf(1, 300));
        await reopened.close();
      }));
  }

  it("refuses a snapshot whose data is damaged, while it is read", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      await store.saveSnapshot(metadataAt(50), chunksOf(1, [1_000]), { truncateLog: true });
      const name = (await readdir(directory)).find((found) => found.endsWith(".snap"))!;
      const bytes = await readFile(join(directory, name));
      bytes[bytes.length - 1]! ^= 1;
      await writeFile(join(directory, name), bytes);
      const reader = await store.openSnapshot();
      const read = async () => {
        let total = 0;
        for await (const chunk of reader!.chunks()) total += chunk.byteLength;
        return total;
      };
      await expect(read()).rejects.toMatchObject({ code: "corrupt" });
      await reader!.close();
      await store.close();
    }));

  it("loses no entry to one flipped byte anywhere, and changes nothing when it refuses", () =>
    withDirectory(async (directory) => {
      const options = { directory, segmentBytes: 4_096 };
      const store = await openFileStore(options);
      for (const entry of entriesOf(1, 60)) await store.append({ entries: [entry], sync: true });
      await store.saveSnapshot(metadataAt(20), chunksOf(1, [100]), local);
      await store.close();
      const pristine = await filesOf(directory);
      const outcomes = { opened: 0, refused: 0 };
      for (const [name, bytes] of pristine) {
        for (let offset = name.length % 13; offset < bytes.byteLength; offset += 13) {
          const damaged = Buffer.from(bytes);
          damaged[offset]! ^= 0x10;
          await writeFile(join(directory, name), damaged);
          const before = await filesOf(directory);
          const opened = await openFileStore(options).catch((error: unknown) => error);
          if (opened instanceof RaftStoreError) {
            outcomes.refused += 1;
            expect(opened.code).toBe("corrupt");
            expect(opened.file).toBe(join(directory, name));
            expect(await filesOf(directory), `${name} at ${offset}`).toEqual(before);
          } else {
            outcomes.opened += 1;
            const found = opened as Awaited<ReturnType<typeof openFileStore>>;
            holds(found.initial(), entriesOf(1, 60));
            await found.close();
          }
          await writeFile(join(directory, name), bytes);
        }
      }
      expect(outcomes.refused).toBeGreaterThan(250);
      expect(outcomes.opened).toBeGreaterThan(10);
    }));

  it("says what is intact before the damage", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      for (const entry of entriesOf(1, 120)) await store.append({ entries: [entry], sync: true });
      await store.close();
      const path = join(directory, "log-0000000000000002.wal");
      const bytes = await readFile(path);
      bytes[1_000]! ^= 1;
      await writeFile(path, bytes);
      const refused: unknown = await openFileStore({ directory }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: "corrupt", file: path });
      const { intact, offset, message } = refused as RaftStoreError;
      expect(offset).toBeLessThanOrEqual(1_000);
      expect(intact).toMatchObject({ segments: 1, entries: { first: 1 } });
      expect(message).toContain(`entries 1 to ${intact?.entries?.last}`);
      expect(intact?.entries?.last).toBeGreaterThan(60);
    }));

  it("refuses a file that is larger than any segment before it is read", () =>
    withDirectory(async (directory) => {
      await (await openFileStore({ directory, segmentBytes: 4_096 })).close();
      await truncate(join(directory, "log-0000000000000001.wal"), SEGMENT_BYTES_MAX + 8);
      await refuses("corrupt", openFileStore({ directory }));
    }));

  it("refuses a hole in the row of segments", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, segmentBytes: 4_096 });
      for (const entry of entriesOf(1, 200)) await store.append({ entries: [entry], sync: false });
      await store.close();
      const vfs = createNodeVfs();
      await vfs.remove(join(directory, "log-0000000000000002.wal"));
      await refuses("corrupt", openFileStore({ directory }));
      await vfs.remove(join(directory, "log-0000000000000001.wal"));
      await refuses("corrupt", openFileStore({ directory }));
    }));

  it("refuses options out of range", async () => {
    await refuses("invalid-argument", openFileStore({ directory: "x", segmentBytes: 100 }));
    await refuses("invalid-argument", openFileStore({ directory: "x", segmentBytes: 5_001 }));
    await refuses("invalid-argument", openFileStore({ directory: "" }));
    await refuses("invalid-argument", openFileStore({ directory: "x", snapshotsMax: 0 }));
    await refuses("invalid-argument", openFileStore({ directory: "x", snapshotAgeMsMax: -1 }));
  });
});
