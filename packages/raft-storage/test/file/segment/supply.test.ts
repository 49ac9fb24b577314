import type { FaultVfs, VfsFault, VfsOperation } from "../../../src/testing/index.ts";
import { expect, it } from "vitest";
import { openFileStore } from "../../../src/file/index.ts";
import type { RaftStoreError } from "../../../src/index.ts";
import { entriesOf, entryAt, holds, refuses } from "../../../src/testing/case.ts";
import { createFaultVfs } from "../../../src/testing/index.ts";
import { randomOf } from "../../../src/testing/seeded.ts";

const directory = "/store";

async function opened(isFull: () => boolean) {
  const operations: string[] = [];
  const fault = (operation: VfsOperation, path: string): VfsFault | undefined => {
    operations.push(`${operation} ${path}`);
    return isFull() && operation === "create" ? "ENOSPC" : undefined;
  };
  const vfs = createFaultVfs({ random: randomOf(1), fault });
  const told: RaftStoreError[] = [];
  const onDiskFull = (error: RaftStoreError) => told.push(error);
  const options = { directory, segmentBytes: 4_096, idleMarkMs: 0, vfs, onDiskFull };
  return { vfs, told, operations, store: await openFileStore(options) };
}

async function temporaries(vfs: FaultVfs): Promise<number> {
  return (await vfs.list(directory)).filter((name) => name.endsWith(".tmp")).length;
}

it("makes the next segment's file before it is needed, and leaves none behind", async () => {
  const { vfs, operations, store } = await opened(() => false);
  await store.append({ entries: [entryAt(1, 1, 1_500)], sync: true });
  expect(await temporaries(vfs)).toBe(0);
  await store.append({ entries: [entryAt(2, 1, 1_000)], sync: true });
  await expect.poll(() => temporaries(vfs)).toBe(1);
  operations.length = 0;
  await store.append({ entries: [entryAt(3, 1, 1_600)], sync: true });
  expect(operations.filter((operation) => operation.startsWith("create"))).toEqual([]);
  expect(operations.filter((operation) => operation.startsWith("rename"))).toHaveLength(1);
  await store.append({ entries: [entryAt(4, 1, 1_500)], sync: true });
  await store.close();
  expect(await temporaries(vfs)).toBe(0);
});

it("says that the disk is full while there is room left, and goes on once there is more", async () => {
  let full = false;
  const { vfs, told, store } = await opened(() => full);
  full = true;
  await store.append({ entries: [entryAt(1, 1, 2_500)], sync: true });
  await expect.poll(() => told.length).toBe(1);
  expect(told[0]).toMatchObject({ code: "disk-full" });
  await store.append({ entries: [entryAt(2, 1, 700)], sync: true });
  await refuses("disk-full", store.append({ entries: [entryAt(3, 1, 900)], sync: true }));
  await refuses("gap", store.append({ entries: [entryAt(4)], sync: true }));
  await store.append({ entries: [entryAt(3)], sync: true });
  full = false;
  await store.append({ entries: [entryAt(4, 1, 900)], sync: true });
  await store.close();
  const reopened = await openFileStore({ directory, vfs });
  const sizes = [2_500, 700, 16, 900];
  holds(
    reopened.initial(),
    entriesOf(1, 4).map(({ index }, at) => entryAt(index, 1, sizes[at])),
  );
  await reopened.close();
});
