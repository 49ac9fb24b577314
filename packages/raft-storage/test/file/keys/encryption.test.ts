import type { HeldKeys, KeyProvider, Vfs } from "../../../src/file/index.ts";
import type { VfsFault, VfsOperation } from "../../../src/testing/index.ts";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKeyProvider, createNodeVfs, openFileStore } from "../../../src/file/index.ts";
import {
  chunksOf,
  entriesOf,
  entryAt,
  holds,
  metadataAt,
  refuses,
  snapshotBytes,
} from "../../../src/testing/case.ts";
import {
  complianceCases,
  crashCases,
  createFaultVfs,
  runCrashSeed,
} from "../../../src/testing/index.ts";
import { randomOf } from "../../../src/testing/seeded.ts";
import { runRaftLog } from "../../../src/cli/run.ts";
import { withDirectory } from "../../directory.ts";

const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const keyProvider = createKeyProvider(() => ({ current: "a", keys: { a: key(1) } }));
const local = { truncateLog: false };

async function contents(directory: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(directory)).sort();
  const read = names.map(
    async (name) => [name, (await readFile(join(directory, name))).toString("latin1")] as const,
  );
  return new Map(await Promise.all(read));
}

async function fill(directory: string): Promise<void> {
  const store = await openFileStore({ directory, keyProvider, segmentBytes: 4_096 });
  for (const entry of entriesOf(1, 60)) await store.append({ entries: [entry], sync: true });
  await store.saveSnapshot(metadataAt(20), chunksOf(0x41, [100_000, 65_536, 7]), local);
  await store.close();
}

describe("encrypted file store", () => {
  for (const testCase of complianceCases) {
    it(testCase.name, () =>
      withDirectory((directory) => {
        const open = () => openFileStore({ directory, segmentBytes: 4_096, keyProvider });
        const reopen = async (store: { close(): Promise<void> }) => {
          await store.close();
          return open();
        };
        return testCase.run({ open, reopen });
      }),
    );
  }

  const open = (vfs: Vfs) =>
    openFileStore({ directory: "/store", segmentBytes: 4_096, idleMarkMs: 0, keyProvider, vfs });
  for (const testCase of crashCases.slice(2)) {
    it(testCase.name, () => testCase.run({ open }));
  }

  it("loses nothing synced in random histories of crashes", async () => {
    for (let seed = 1; seed <= 30; seed += 1) await runCrashSeed({ open }, seed);
  });

  it("leaves nothing readable on the disk", () =>
    withDirectory(async (directory) => {
      const store = await openFileStore({ directory, keyProvider });
      const data = new TextEncoder().encode("the secret of the swarm");
      await store.append({ entries: [{ ...entryAt(1), data }], sync: true });
      const secret = async function* () {
        yield await Promise.resolve(data);
      };
      await store.saveSnapshot(metadataAt(1), secret(), local);
      expect(await snapshotBytes(store)).toEqual(data);
      await store.close();
      for (const text of (await contents(directory)).values()) expect(text).not.toContain("secret");
      const plain = await openFileStore({ directory: join(directory, "plain") });
      await plain.append({ entries: [{ ...entryAt(1), data }], sync: true });
      await plain.close();
      expect([...(await contents(join(directory, "plain"))).values()].join()).toContain("secret");
    }));

  it("refuses a wrong key, or none, and changes nothing", () =>
    withDirectory(async (directory) => {
      await fill(directory);
      const before = await contents(directory);
      const broken: KeyProvider = {
        wrap: () => Promise.reject(new Error("out of order")),
        unwrap: () => Promise.reject(new Error("out of order")),
      };
      const others = [
        createKeyProvider(() => ({ current: "a", keys: { a: key(2) } })),
        createKeyProvider(() => ({ current: "b", keys: { b: key(1) } })),
        broken,
      ];
      for (const other of others) {
        await refuses("wrong-key", openFileStore({ directory, keyProvider: other }));
      }
      await refuses("wrong-key", openFileStore({ directory }));
      expect(await contents(directory)).toEqual(before);
    }));

  it("rotates keys without stopping, and needs the old one no more", () =>
    withDirectory(async (directory) => {
      let held: HeldKeys = { current: "old", keys: { old: key(1) } };
      const rotating = createKeyProvider(() => held);
      const store = await openFileStore({ directory, keyProvider: rotating, segmentBytes: 8_192 });
      const appends = entriesOf(1, 30).map((entry) =>
        store.append({ entries: [entry], sync: true }),
      );
      await store.saveSnapshot(metadataAt(10), chunksOf(3, [1_000]), local);
      held = { current: "new", keys: { old: key(1), new: key(2) } };
      const rotated = store.rotateKeys();
      appends.push(
        ...entriesOf(31, 60).map((entry) => store.append({ entries: [entry], sync: true })),
      );
      await Promise.all([...appends, rotated]);
      held = { current: "new", keys: { new: key(2) } };
      await store.append({ entries: [entryAt(61)], sync: true });
      await store.close();
      const reopened = await openFileStore({ directory, keyProvider: rotating });
      holds(reopened.initial(), entriesOf(1, 61));
      expect((await snapshotBytes(reopened))?.byteLength).toBe(1_000);
      held = { current: "lost", keys: {} };
      await refuses("wrong-key", reopened.rotateKeys());
      await reopened.append({ entries: [entryAt(62)], sync: true });
      await reopened.close();
      await refuses("wrong-key", openFileStore({ directory, keyProvider: rotating }));
    }));

  it("forgets data keys that nothing is encrypted with any more", () =>
    withDirectory(async (directory) => {
      const options = { directory, keyProvider, snapshotsMax: 1 };
      const store = await openFileStore(options);
      for (let round = 1; round <= 5; round += 1) {
        await store.append({ entries: [entryAt(round)], sync: true });
        await store.rotateKeys();
      }
      const size = async () => (await readFile(join(directory, "KEYS"))).byteLength;
      const many = await size();
      await store.saveSnapshot(metadataAt(9), chunksOf(1, [10]), { truncateLog: true });
      await store.close();
      await (await openFileStore(options)).close();
      expect(await size()).toBeLessThan(many / 4);
      const reopened = await openFileStore(options);
      expect((await snapshotBytes(reopened))?.byteLength).toBe(10);
      await refuses(
        "invalid-argument",
        (await openFileStore({ directory: join(directory, "x") })).rotateKeys(),
      );
      await reopened.close();
    }));

  it("encrypts from now on what was plain, and knows tampering from a wrong key", () =>
    withDirectory(async (directory) => {
      const plain = await openFileStore({ directory, segmentBytes: 4_096 });
      await plain.append({ entries: entriesOf(1, 5), sync: true });
      await plain.saveSnapshot(metadataAt(3), chunksOf(1, [10]), local);
      await plain.close();
      const store = await openFileStore({ directory, segmentBytes: 4_096, keyProvider });
      await store.append({ entries: [entryAt(6)], sync: true });
      await store.close();
      await refuses("wrong-key", openFileStore({ directory }));
      const reopened = await openFileStore({ directory, keyProvider });
      holds(reopened.initial(), entriesOf(1, 6));
      await reopened.close();
    }));

  it("refuses pieces of a snapshot that were swapped or left out", () =>
    withDirectory(async (directory) => {
      await fill(directory);
      const name = (await readdir(directory)).find((found) => found.endsWith(".snap"))!;
      const original = await readFile(join(directory, name));
      const { crc32 } = await import("node:zlib");
      const dataAt = 64 + original.readUInt32LE(12);
      const piece = 65_536 + 16;
      expect(original.byteLength).toBe(dataAt + 100_000 + 65_536 + 7 + 3 * 16);
      const forged = (data: Buffer, dataBytes: number): Buffer => {
        const head = Buffer.from(original.subarray(0, dataAt));
        head.writeUInt32LE(dataBytes, 16);
        head.writeUInt32LE(crc32(data), 24);
        head.writeUInt32LE(crc32(head.subarray(32), crc32(head.subarray(0, 28))), 28);
        return Buffer.concat([head, data]);
      };
      const data = original.subarray(dataAt);
      const swapped = Buffer.concat([
        data.subarray(piece, 2 * piece),
        data.subarray(0, piece),
        data.subarray(2 * piece),
      ]);
      for (const bytes of [
        forged(Buffer.from(swapped), 165_543),
        forged(Buffer.from(data.subarray(0, 2 * piece)), 2 * 65_536),
        forged(Buffer.from(data.subarray(piece)), 100_007),
      ]) {
        await writeFile(join(directory, name), bytes);
        const store = await openFileStore({ directory, keyProvider });
        await refuses("corrupt", snapshotBytes(store));
        await store.close();
      }
      await writeFile(join(directory, name), forged(Buffer.from(data), 165_543));
      const store = await openFileStore({ directory, keyProvider });
      expect((await snapshotBytes(store))?.every((byte) => byte === 0x41)).toBe(true);
      await store.close();
    }));

  it("never seals two things under one key and number", async () => {
    const sealed = new Map<string, string>();
    let pieces = 0;
    for (let seed = 1; seed <= 30; seed += 1) {
      const random = randomOf(seed);
      const fault = (operation: VfsOperation): VfsFault | undefined =>
        operation === "write" && random() < 0.1
          ? random() < 0.5
            ? "ENOSPC"
            : "short-write"
          : undefined;
      let vfs = createFaultVfs({ random, fault });
      for (let generation = 0; generation < 3; generation += 1) {
        const watched = watch(vfs, (salt, number, bytes) => {
          const id = `${salt} ${number}`;
          expect(sealed.get(id) ?? bytes, id).toBe(bytes);
          sealed.set(id, bytes);
          pieces += 1;
        });
        const store = await open(watched).catch(() => undefined);
        for (let at = 0; at < 30 && store !== undefined; at += 1) {
          const last = store.initial().entries.at(-1)?.index ?? 0;
          const entry = entryAt(last + 1, 1 + at, 40);
          await store.append({ entries: [entry], sync: random() < 0.5 }).catch(() => undefined);
        }
        if (random() < 0.5) await store?.close().catch(() => undefined);
        vfs = vfs.reboot({ random, fault: generation === 1 ? () => undefined : fault });
      }
    }
    expect(pieces).toBeGreaterThan(1_000);
  });

  it("is dumped and verified with the key", () =>
    withDirectory(async (directory) => {
      await fill(directory);
      const keyFile = join(directory, "key-file");
      await writeFile(keyFile, `a ${Buffer.from(key(1)).toString("base64")}\n`);
      const lines: string[] = [];
      const ports = {
        vfs: createNodeVfs(),
        out: (line: string) => lines.push(line),
        err: (line: string) => lines.push(line),
      };
      expect(await runRaftLog(["verify", directory], ports)).toBe(4);
      expect(lines.join()).toContain("--key-file");
      lines.length = 0;
      expect(await runRaftLog(["verify", directory, "--key-file", keyFile], ports)).toBe(0);
      expect(lines.join()).toContain("entries 1 to 60");
      expect(await runRaftLog(["dump", directory, "--key-file", keyFile], ports)).toBe(0);
      expect(lines.join()).toContain("entry 60: term 1");
      const cut = ["truncate", directory, "--after", "40", "--yes", "--key-file", keyFile];
      expect(await runRaftLog(cut, ports)).toBe(0);
      const store = await openFileStore({ directory, keyProvider });
      holds(store.initial(), entriesOf(1, 40));
      await store.close();
    }));
});

/** Shows every sealed record that is written, with the salt of its segment's key and its number. */
function watch(vfs: Vfs, onSealed: (salt: string, number: number, bytes: string) => void): Vfs {
  const salts = new Map<string, string>();
  const see = (path: string, data: Buffer, position: number): void => {
    if (position === 0 && data.byteLength > 64 && data.toString("latin1", 0, 8) === "WAGGLWAL") {
      salts.set(path, data.toString("hex", 44, 60));
      see(path, data.subarray(64), 64);
    } else if (data.byteLength > 24 && data.readUInt32LE(8) === 1) {
      const salt = salts.get(path);
      const body = data.toString("hex", 24, 24 + data.readUInt32LE(0));
      if (salt !== undefined) onSealed(salt, data.readUInt32LE(12), body);
    }
  };
  return {
    makeDirectory: (path) => vfs.makeDirectory(path),
    list: (path) => vfs.list(path),
    rename: (from, to) => vfs.rename(from, to),
    remove: (path) => vfs.remove(path),
    syncDirectory: (path) => vfs.syncDirectory(path),
    lock: (path) => vfs.lock(path),
    open: async (path, mode) => {
      const file = await vfs.open(path, mode);
      const write = (data: Uint8Array, position: number): Promise<number> => {
        see(path, Buffer.from(data), position);
        return file.write(data, position);
      };
      return { ...file, write };
    },
  };
}
