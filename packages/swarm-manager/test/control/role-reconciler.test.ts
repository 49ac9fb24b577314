import { expect, test } from "vitest";
import { createRoleReconciler } from "../../src/index.ts";
import { createManualClock, settle } from "../support/manual-clock.ts";
import { change, create, openStore } from "../support/open-store.ts";
import { idOf, node } from "../support/samples.ts";

const worker = { name: "", labels: {}, role: "worker", availability: "active" } as const;
const member = (id: string, raftId: number) =>
  node(id, { spec: { ...worker, role: "manager" }, manager: { raftId, address: "10.0.0.1:1" } });

function setUp() {
  const store = openStore();
  const clock = createManualClock();
  const removed: number[] = [];
  const promoted: number[] = [];
  const group = { allowed: true, fails: false, learners: new Set<number>() };
  const warnings: object[] = [];
  const reconciler = createRoleReconciler({
    store,
    clock,
    logger: { warn: (facts) => warnings.push(facts) },
    membership: {
      isLearner: (raftId) => group.learners.has(raftId),
      promoteManager: (raftId) => {
        promoted.push(raftId);
        if (group.fails) return Promise.reject(new Error("it takes nothing"));
        group.learners.delete(raftId);
        return Promise.resolve();
      },
      canRemoveManager: () => group.allowed,
      removeManager: (raftId) => {
        if (group.fails) return Promise.reject(new Error("leadership is moving"));
        removed.push(raftId);
        return Promise.resolve();
      },
    },
  });
  const demote = (id: string) =>
    change(store, ["node", idOf(id)], (found) => ({ ...found, spec: worker }));
  return { store, clock, removed, promoted, warnings, group, reconciler, demote };
}

test("takes demoted managers out of the group and writes it down", async () => {
  const { store, removed, reconciler, demote } = setUp();
  await create(store, member("m1", 1), member("m2", 2), member("m3", 3));
  await demote("m3");
  reconciler.start();
  await settle();
  expect(removed).toEqual([3]);
  await demote("m2");
  await settle();
  expect(removed).toEqual([3, 2]);
  expect(store.view().get("node", idOf("m2"))!.manager).toBeUndefined();
  expect(store.view().get("node", idOf("m1"))!.manager).toBeDefined();
  reconciler.stop();
});

test("waits for the quorum, and tries again after a failure", async () => {
  const { store, clock, removed, group, reconciler, demote } = setUp();
  group.allowed = false;
  await create(store, member("m1", 1), member("m2", 2));
  reconciler.start();
  await demote("m2");
  await clock.advance(5_000);
  expect(removed).toEqual([]);
  group.allowed = true;
  group.fails = true;
  await clock.advance(5_000);
  group.fails = false;
  await clock.advance(1_000);
  expect(removed).toEqual([2]);
  expect(clock.timers).toBe(0);
  reconciler.stop();
});

test("does nothing after it was stopped", async () => {
  const { store, clock, removed, reconciler, demote } = setUp();
  await create(store, member("m1", 1), member("m2", 2));
  reconciler.start();
  reconciler.stop();
  await demote("m2");
  await clock.advance(5_000);
  expect(removed).toEqual([]);
  expect(clock.timers).toBe(0);
});

test("makes the learners among the managers voters, those that it finds and those that come", async () => {
  const { store, clock, promoted, group, reconciler } = setUp();
  group.learners = new Set([2, 3]);
  await create(store, member("m1", 1), member("m2", 2));
  reconciler.start();
  await settle();
  expect(promoted).toEqual([2]);
  await create(store, member("m3", 3));
  await settle();
  expect(promoted).toEqual([2, 3]);
  expect(clock.timers).toBe(0);
  reconciler.stop();
});

test("tries a promotion again that failed, tells of it, and goes on demoting meanwhile", async () => {
  const { store, clock, promoted, removed, warnings, group, reconciler, demote } = setUp();
  group.learners = new Set([2]);
  group.fails = true;
  await create(store, member("m1", 1), member("m2", 2));
  reconciler.start();
  await clock.advance(1_000);
  expect(promoted).toEqual([2, 2]);
  expect(warnings[0]).toEqual({ raftId: 2, error: "it takes nothing" });
  group.fails = false;
  await clock.advance(1_000);
  expect(promoted).toEqual([2, 2, 2]);
  await clock.advance(5_000);
  expect(promoted).toHaveLength(3);
  await demote("m2");
  await settle();
  expect(removed).toEqual([2]);
  reconciler.stop();
});

test("promotes nobody who is to be a worker, and nobody twice at a time", async () => {
  const { store, promoted, removed, group, reconciler, demote } = setUp();
  group.learners = new Set([2, 3]);
  await create(store, member("m1", 1), member("m2", 2), member("m3", 3));
  await demote("m3");
  reconciler.start();
  await change(store, ["node", idOf("m1")], (found) => found);
  await settle();
  expect(promoted).toEqual([2]);
  expect(removed).toEqual([3]);
  reconciler.stop();
});
