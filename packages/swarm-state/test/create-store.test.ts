import { expect, test } from "vitest";
import type { ChangeEvent, SwarmStore } from "../src/index.ts";
import { createLocalProposer, createSwarmStore } from "../src/index.ts";
import { clusterDraft, idOf, nodeDraft, serviceDraft, taskDraft } from "./objects.ts";

interface Setup {
  readonly store: SwarmStore;
  readonly entries: Uint8Array[];
  now: number;
}

function setup(): Setup {
  const proposer = createLocalProposer();
  const state = { now: 1_000 };
  const store = createSwarmStore({ proposer, now: () => state.now });
  const entries: Uint8Array[] = [];
  proposer.bind((index, data) => {
    entries.push(data);
    store.apply(index, data);
  });
  store.startLeading();
  return Object.assign(state, { store, entries });
}

test("what a transaction wrote is in the committed state when its promise resolves", async () => {
  const { store } = setup();
  const done = store.update((tx) => {
    tx.create(serviceDraft("s1", "Web"));
    expect(tx.get("service", idOf("s1"))?.version).toBeLessThan(0);
    return "result";
  });
  expect(store.view().count("service")).toBe(0);
  await expect(done).resolves.toBe("result");
  expect(store.view().get("service", idOf("s1"))).toMatchObject({
    version: 1,
    createdAtMs: 1_000,
    updatedAtMs: 1_000,
  });
  expect(store.view().byName("service", "wEB")?.id).toBe(idOf("s1"));
  expect(store.view().index).toBe(1);
});

test("transactions in flight build upon each other without waiting", async () => {
  const own = setup();
  const { store } = own;
  const first = store.update((tx) => tx.create(taskDraft("t1")));
  own.now = 2_000;
  const second = store.update((tx) => {
    const task = tx.get("task", idOf("t1"));
    tx.update({ ...task!, nodeId: idOf("n1") });
  });
  const third = store.update((tx) => [...tx.tasksOfNode(idOf("n1"))].map((task) => task.id));
  expect(store.view().index).toBe(0);
  await Promise.all([first, second]);
  await expect(third).resolves.toEqual([idOf("t1")]);
  expect(own.entries).toHaveLength(2);
  expect(store.view().get("task", idOf("t1"))).toMatchObject({
    version: 2,
    createdAtMs: 1_000,
    updatedAtMs: 2_000,
    nodeId: idOf("n1"),
  });
});

test("a writer that read the committed state is refused while a newer version is in flight", async () => {
  const { store } = setup();
  await store.update((tx) => tx.create(serviceDraft("s1", "web")));
  const read = store.view().get("service", idOf("s1"))!;
  const first = store.update((tx) => tx.update({ ...read, specVersion: 1 }));
  const second = store.update((tx) => tx.update({ ...read, specVersion: 2 }));
  await expect(second).rejects.toMatchObject({ code: "out-of-sequence" });
  await first;
  expect(store.view().get("service", idOf("s1"))?.specVersion).toBe(1);
  const stale = store.update((tx) => tx.update(read));
  await expect(stale).rejects.toMatchObject({ code: "out-of-sequence" });
});

test("names, existence and shape are checked at once, and a failed transaction changes nothing", async () => {
  const { store, entries } = setup();
  void store.update((tx) => tx.create(serviceDraft("s1", "web")));
  const refusals = [
    store.update((tx) => tx.create(serviceDraft("s2", "WEB"))),
    store.update((tx) => tx.create(serviceDraft("s1", "other"))),
    store.update((tx) => tx.delete("service", idOf("s9"))),
    store.update((tx) => tx.create({ ...serviceDraft("s3", "x"), id: "short" })),
    store.update((tx) => tx.create({ ...taskDraft("t1"), slot: Number.NaN })),
    store.update((tx) => {
      tx.create(nodeDraft("n1"));
      throw new RangeError("own");
    }),
  ];
  const codes = await Promise.all(
    refusals.map((refusal) => refusal.catch((error: unknown) => (error as { code: string }).code)),
  );
  expect(codes).toEqual([
    "name-conflict",
    "exists",
    "not-found",
    "invalid-object",
    "invalid-object",
    undefined,
  ]);
  await store.update((tx) => expect(tx.count("node")).toBe(0));
  expect(entries).toHaveLength(1);
});

test("a name is free again once its object is deleted or renamed, in the same transaction too", async () => {
  const { store } = setup();
  await store.update((tx) => tx.create(serviceDraft("s1", "web")));
  await store.update((tx) => {
    tx.delete("service", idOf("s1"));
    tx.create(serviceDraft("s2", "Web"));
  });
  expect(store.view().byName("service", "web")?.id).toBe(idOf("s2"));
});

test("two stores fed the same entries hold the same, and a snapshot carries it over", async () => {
  const { store, entries } = setup();
  await store.update((tx) => {
    tx.create(clusterDraft());
    tx.create(nodeDraft("n1", "host"));
    tx.create(serviceDraft("s1", "web"));
    tx.create(taskDraft("t1", { node: "n1" }));
  });
  await store.update((tx) => tx.delete("node", idOf("n1")));
  const follower = createSwarmStore({ proposer: createLocalProposer(), now: () => 0 });
  entries.forEach((data, i) => follower.apply(i + 1, data));
  const restored = createSwarmStore({ proposer: createLocalProposer(), now: () => 0 });
  await restored.restore(7, follower.snapshot());
  for (const kind of ["cluster", "node", "service", "task"] as const) {
    expect([...follower.view().list(kind)]).toStrictEqual([...store.view().list(kind)]);
    expect([...restored.view().list(kind)]).toStrictEqual([...store.view().list(kind)]);
  }
  expect(restored.view().index).toBe(7);
});

test("times never go back, though the next leader's clock lags behind", async () => {
  const old = setup();
  old.now = 9_000;
  await old.store.update((tx) => tx.create(nodeDraft("n1", "host")));
  old.now = 8_000;
  const applied = createLocalProposer({ index: 1 });
  const next = createSwarmStore({ proposer: applied, now: () => 2_000 });
  const restoredLog = createLocalProposer({ index: 1 });
  const restored = createSwarmStore({ proposer: restoredLog, now: () => 2_000 });
  applied.bind((index, data) => next.apply(index, data));
  restoredLog.bind((index, data) => restored.apply(index, data));
  next.apply(1, old.entries[0]!);
  await restored.restore(1, old.store.snapshot());
  next.startLeading();
  restored.startLeading();
  for (const store of [old.store, next, restored]) {
    await store.update((tx) => tx.create(nodeDraft("n2", "host")));
    expect(store.view().get("node", idOf("n2"))).toMatchObject({
      createdAtMs: 9_000,
      updatedAtMs: 9_000,
    });
  }
});

test("subscribers hear of each entry after it is applied", async () => {
  const { store } = setup();
  const events: ChangeEvent[] = [];
  const off = store.subscribe((event) => {
    expect(store.view().index).toBe(event.index);
    events.push(event);
  });
  await store.update((tx) => tx.create(nodeDraft("n1", "host")));
  await store.update((tx) => tx.delete("node", idOf("n1")));
  off();
  await store.update((tx) => tx.create(nodeDraft("n2", "host")));
  expect(events.map(({ index, restored }) => [index, restored])).toEqual([
    [1, false],
    [2, false],
  ]);
  expect(events[1]?.changes).toMatchObject([
    { type: "delete", object: { id: idOf("n1"), version: 1 } },
  ]);
});
