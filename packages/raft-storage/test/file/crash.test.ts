import type { AppendBatch, RaftStore } from "../../src/index.ts";
import type { Entry, HardState } from "@waggle/raft-core";
import type { FaultVfs, VfsFault, VfsOperation } from "../../src/testing/index.ts";
import { crc32 } from "node:zlib";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { describe, expect, it } from "vitest";
import { openFileStore, type Vfs } from "../../src/file/index.ts";
import {
  chunksOf,
  entriesOf,
  entryAt,
  holds,
  metadataAt,
  refuses,
  snapshotBytes,
} from "../../src/testing/case.ts";
import { createFaultVfs } from "../../src/testing/index.ts";
import { randomOf } from "../random.ts";

const directory = "/store";
const segmentBytes = 4_096;

/** What a store should hold, written naively. */
interface Model {
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly snapshot: { readonly index: number; readonly byteLength: number } | undefined;
}

interface Step {
  readonly name: string;
  readonly durable: boolean;
  run(store: RaftStore): Promise<void>;
  after(model: Model): Model;
}

function appendStep(batch: AppendBatch): Step {
  return {
    name: `append ${batch.entries[0]?.index}`,
    durable: batch.sync,
    run: (store) => store.append(batch),
    after: (model) => {
      const first = batch.entries[0]?.index ?? Infinity;
      const kept = model.entries.filter(({ index }) => index < first);
      return {
        ...model,
        hardState: batch.hardState ?? model.hardState,
        entries: [...kept, ...batch.entries],
      };
    },
  };
}

function snapshotStep(index: number, truncateLog: boolean): Step {
  const byteLength = 700 + index;
  return {
    name: `snapshot ${index}`,
    durable: true,
    run: (store) =>
      store.saveSnapshot(metadataAt(index), chunksOf(index, [700, index]), { truncateLog }),
    after: (model) => ({
      ...model,
      snapshot: { index, byteLength },
      entries: truncateLog ? [] : model.entries,
    }),
  };
}

function stagedStep(index: number): Step {
  const bytes = new Uint8Array(900).fill(index);
  return {
    name: `staged ${index}`,
    durable: true,
    run: async (store) => {
      const stage = await store.stageSnapshot(metadataAt(index), "sender");
      for (let at = stage.byteLength; at < bytes.byteLength; at += 300) {
        await stage.write(bytes.subarray(at, at + 300));
      }
      await stage.complete({ byteLength: bytes.byteLength, crc32: crc32(bytes) });
      await store.installSnapshot(metadataAt(index));
    },
    after: (model) => ({ ...model, snapshot: { index, byteLength: 900 }, entries: [] }),
  };
}

function compactStep(through: number): Step {
  const run = (store: RaftStore) => store.compact(logIndex(through));
  return { name: `compact ${through}`, durable: true, run, after: (model) => model };
}

function hard(termNumber: number, commit: number): HardState {
  return { term: term(termNumber), vote: nodeId(1), commit: logIndex(commit) };
}

const steps: readonly Step[] = [
  appendStep({ hardState: hard(1, 0), entries: entriesOf(1, 2, 1), sync: true }),
  appendStep({ entries: [entryAt(3, 1, 900)], sync: true }),
  appendStep({ hardState: hard(1, 2), entries: [], sync: false }),
  appendStep({ entries: [entryAt(4, 1, 1_500)], sync: true }),
  appendStep({ hardState: hard(2, 2), entries: [entryAt(3, 2, 1_200), entryAt(4, 2)], sync: true }),
  appendStep({ entries: [entryAt(5, 2, 1_800)], sync: false }),
  appendStep({ entries: [entryAt(6, 2, 700)], sync: true }),
  snapshotStep(4, false),
  appendStep({ entries: [entryAt(7, 2, 2_000)], sync: true }),
  compactStep(4),
  appendStep({ hardState: hard(2, 7), entries: [entryAt(8, 2, 600)], sync: true }),
  snapshotStep(7, false),
  compactStep(7),
  snapshotStep(40, true),
  appendStep({ hardState: hard(3, 40), entries: entriesOf(41, 44, 3), sync: true }),
  appendStep({ entries: [entryAt(45, 3, 3_000)], sync: true }),
  appendStep({ entries: [entryAt(46, 3, 600)], sync: false }),
  appendStep({ entries: [entryAt(47, 3, 3_500)], sync: true }),
  stagedStep(60),
  appendStep({ entries: entriesOf(61, 62, 3), sync: true }),
];

const models: readonly Model[] = steps.reduce<Model[]>(
  (found, step) => [...found, step.after(found.at(-1)!)],
  [{ hardState: undefined, entries: [], snapshot: undefined }],
);

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

/** Runs the steps until one fails; resolves with how many were begun and how many are surely durable. */
async function work(vfs: FaultVfs, together: boolean) {
  const outcome = { begun: 0, durable: 0 };
  const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs }).catch(
    () => undefined,
  );
  if (store === undefined) return outcome;
  const one = async (step: Step, at: number) => {
    outcome.begun = at + 1;
    await step.run(store);
    if (step.durable) outcome.durable = Math.max(outcome.durable, at + 1);
  };
  if (together) {
    // Our own snapshots join the queue late, so only what goes before them can be queued at once.
    const appends = steps.slice(0, 7);
    await Promise.allSettled(appends.map(one));
  }
  try {
    for (const [at, step] of steps.entries()) if (!together || at >= 7) await one(step, at);
    await store.close();
  } catch {
    await store.close().catch(() => undefined);
  }
  return outcome;
}

async function matches(store: RaftStore, model: Model): Promise<boolean> {
  const state = store.initial();
  if (state.snapshot?.index !== model.snapshot?.index) return false;
  if (JSON.stringify(state.hardState) !== JSON.stringify(model.hardState)) return false;
  try {
    holds(state, model.entries);
  } catch {
    return false;
  }
  return (await snapshotBytes(store))?.byteLength === model.snapshot?.byteLength;
}

async function checkAfterCrash(vfs: FaultVfs, outcome: { begun: number; durable: number }) {
  const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
  const candidates = models.slice(outcome.durable, outcome.begun + 1);
  const found = await Promise.all(candidates.map((model) => matches(store, model)));
  expect(found, `durable ${outcome.durable}, begun ${outcome.begun}`).toContain(true);
  const last = store.initial().entries.at(-1)?.index ?? store.initial().snapshot?.index ?? 0;
  await store.append({ entries: [entryAt(last + 1, 9)], sync: true });
  await store.close();
  const leftOver = (await vfs.list(directory)).filter((name) => name.endsWith(".tmp"));
  expect(leftOver).toEqual([]);
}

describe("file store under faults", () => {
  for (const together of [false, true]) {
    it(`loses nothing synced at any crash point (${together ? "queued" : "one by one"})`, async () => {
      const probe = createFaultVfs({ random: randomOf(0) });
      expect(await work(probe, together)).toEqual({ begun: steps.length, durable: steps.length });
      for (let point = 1; point <= probe.operationCount; point += 1) {
        for (const seed of [1, 2, 3, 4]) {
          const fault = (_: VfsOperation, __: string, count: number) =>
            count === point ? ("crash" as const) : undefined;
          const vfs = createFaultVfs({ random: randomOf(seed * 1_000 + point), fault });
          const outcome = await work(vfs, together);
          const rebooted = vfs.reboot({ random: randomOf(seed) });
          await checkAfterCrash(rebooted, outcome);
        }
      }
    });
  }

  it("survives a crash during recovery", async () => {
    for (let point = 1; point < 400; point += 7) {
      const crashAt = (at: number) => (_: VfsOperation, __: string, count: number) =>
        count === at ? ("crash" as const) : undefined;
      const first = createFaultVfs({ random: randomOf(point), fault: crashAt(point) });
      const outcome = await work(first, false);
      for (let second = 1; second < 30; second += 3) {
        const mended = first.reboot({ random: randomOf(second), fault: crashAt(second) });
        const opened = await openFileStore({
          directory,
          segmentBytes,
          idleMarkMs: 0,
          vfs: mended,
        }).catch(() => undefined);
        await opened?.close().catch(() => undefined);
        await checkAfterCrash(mended.reboot({ random: randomOf(second + 1) }), outcome);
      }
    }
  });

  it("closes every file when it cannot be opened", async () => {
    const random = randomOf(3);
    const filled = createFaultVfs({ random });
    await work(filled, false);
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

  it("is not disturbed by short writes", async () => {
    const fault = (operation: VfsOperation, _: string, count: number): VfsFault | undefined =>
      operation === "write" && count % 2 === 0 ? "short-write" : undefined;
    const vfs = createFaultVfs({ random: randomOf(5), fault });
    expect(await work(vfs, false)).toEqual({ begun: steps.length, durable: steps.length });
    const store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
    expect(await matches(store, models.at(-1)!)).toBe(true);
    await store.close();
  });

  it("refuses with disk-full wherever the room ends, stays consistent, and goes on later", async () => {
    const probe = createFaultVfs({ random: randomOf(0) });
    await work(probe, false);
    for (let point = 1; point <= probe.operationCount; point += 1) {
      let full = false;
      const fault = (operation: VfsOperation, _: string, count: number): VfsFault | undefined => {
        if (count === point) full = true;
        return full && (operation === "write" || operation === "create") ? "ENOSPC" : undefined;
      };
      const vfs = createFaultVfs({ random: randomOf(point), fault });
      let store = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs }).catch(
        () => undefined,
      );
      if (store === undefined) {
        full = false;
        store = await openFileStore({
          directory,
          segmentBytes,
          vfs: vfs.reboot({ random: randomOf(1) }),
        });
        await store.close();
        continue;
      }
      for (const [at, step] of steps.entries()) {
        const code: unknown = await step.run(store).then(
          () => undefined,
          (error: unknown) => (error as { code: unknown }).code,
        );
        if (code === undefined) continue;
        expect(code, `${step.name} at ${point}`).toBe("disk-full");
        full = false;
        await step.run(store);
        expect(at).toBeLessThan(steps.length);
      }
      await store.close();
      full = false;
      const reopened = await openFileStore({ directory, segmentBytes, idleMarkMs: 0, vfs });
      expect(await matches(reopened, models.at(-1)!), `point ${point}`).toBe(true);
      await reopened.close();
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
