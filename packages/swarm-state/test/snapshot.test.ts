import fc from "fast-check";
import { expect, test } from "vitest";
import { isStoreError } from "../src/errors.ts";
import { SNAPSHOT_CHUNK_BYTES_MAX } from "../src/limits.ts";
import type { SwarmObject } from "../src/objects/object.ts";
import type { SwarmStore } from "../src/store.ts";
import { createLocalProposer } from "../src/local-proposer.ts";
import { createSwarmStore } from "../src/create-store.ts";
import { clusterDraft, idOf, nodeDraft, serviceDraft, taskDraft } from "./objects.ts";

function empty(): SwarmStore {
  return createSwarmStore({ proposer: createLocalProposer(), now: () => 0 });
}

async function filled(tasks: number): Promise<SwarmStore> {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => 7 });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  await store.update((tx) => {
    tx.create(clusterDraft());
    tx.create(nodeDraft("n1", "host"));
    tx.create(serviceDraft("s1", "wéb"));
  });
  await store.update((tx) => {
    for (let n = 0; n < tasks; n++) tx.create(taskDraft(`t${n}`, { slot: n, node: "n1" }));
  });
  return store;
}

function all(store: SwarmStore): SwarmObject[] {
  return (["cluster", "node", "service", "task"] as const).flatMap((kind) => [
    ...store.view().list(kind),
  ]);
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: number[] = [];
  for await (const chunk of chunks) parts.push(...chunk);
  return Uint8Array.from(parts);
}

function inChunks(data: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  return (async function* () {
    for (let at = 0; at < data.length; at += size) {
      await Promise.resolve();
      yield data.subarray(at, at + size);
    }
  })();
}

test("a snapshot is the state of the moment it was taken, in bounded pieces", async () => {
  const store = await filled(300);
  const before = all(store);
  const snapshot = store.snapshot();
  await store.update((tx) => tx.delete("task", idOf("t7")));
  let chunks = 0;
  for await (const chunk of snapshot) {
    expect(chunk.length).toBeLessThanOrEqual(SNAPSHOT_CHUNK_BYTES_MAX);
    chunks += 1;
  }
  expect(chunks).toBeGreaterThan(1);
  const restored = empty();
  await restored.restore(2, snapshot);
  expect(all(restored)).toStrictEqual(before);
  expect([...restored.view().tasksOfSlot(idOf("s1"), 7)]).toHaveLength(1);
  expect(restored.view().byName("service", "WÉB")?.id).toBe(idOf("s1"));
});

test("a restored node takes the entries that follow and stays equal, to the byte", async () => {
  const store = await filled(3);
  const follower = empty();
  await follower.restore(2, store.snapshot());
  const entries: Uint8Array[] = [];
  const proposer = createLocalProposer({ index: 2 });
  const leader = createSwarmStore({ proposer, now: () => 9 });
  await leader.restore(2, store.snapshot());
  proposer.bind((index, data) => {
    entries.push(data);
    leader.apply(index, data);
  });
  leader.startLeading();
  await leader.update((tx) => tx.update({ ...tx.get("task", idOf("t1"))!, slot: 9 }));
  entries.forEach((data, i) => follower.apply(3 + i, data));
  expect(follower.view().get("task", idOf("t1"))?.slot).toBe(9);
  expect(await bytesOf(follower.snapshot())).toEqual(await bytesOf(leader.snapshot()));
});

test("restoring tells readers to read anew", async () => {
  const store = empty();
  const reader = store.watch();
  await store.restore(5, (await filled(1)).snapshot());
  expect((await reader.next()).value).toEqual({ index: 5, changes: [], restored: true });
});

test("pieces may be cut anywhere", async () => {
  const store = await filled(2);
  const data = await bytesOf(store.snapshot());
  for (const size of [1, 3, 1_000, 1e6]) {
    const restored = empty();
    await restored.restore(2, inChunks(data, size));
    expect(all(restored)).toStrictEqual(all(store));
  }
});

test("any damage is found, and leaves the state as it was", async () => {
  const data = await bytesOf((await filled(2)).snapshot());
  const target = await filled(1);
  const before = all(target);
  const damage = fc.oneof(
    fc.tuple(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, flip]) => {
      return data.with(at, data[at]! ^ flip);
    }),
    fc.nat(data.length - 1).map((end) => data.slice(0, end)),
    fc
      .uint8Array({ minLength: 1, maxLength: 9 })
      .map((more) => Uint8Array.from([...data, ...more])),
    fc.uint8Array({ maxLength: 200 }),
  );
  await fc.assert(
    fc.asyncProperty(damage, async (bytes) => {
      const error: unknown = await target.restore(2, inChunks(bytes, 512)).then(
        () => "restored",
        (thrown: unknown) => thrown,
      );
      expect(isStoreError(error) && error.code).toBe("damaged");
      expect(all(target)).toStrictEqual(before);
    }),
    { numRuns: 200 },
  );
});

test("a snapshot newer than it is said to be is refused; a source that fails passes its error on", async () => {
  const store = await filled(1);
  await expect(empty().restore(1, store.snapshot())).rejects.toMatchObject({ code: "damaged" });
  const failing = (async function* (): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0x57);
    await Promise.resolve();
    throw new RangeError("disk");
  })();
  await expect(empty().restore(1, failing)).rejects.toThrow("disk");
});

test("a state that changes while a snapshot is read is not overwritten", async () => {
  const store = await filled(1);
  const data = await bytesOf((await filled(5)).snapshot());
  const restoring = store.restore(2, inChunks(data, 100));
  const [changed, restored] = await Promise.allSettled([
    store.update((tx) => tx.delete("task", idOf("t0"))),
    restoring,
  ]);
  expect([changed.status, restored.status]).toEqual(["fulfilled", "rejected"]);
  expect(store.view().count("task")).toBe(0);
});
