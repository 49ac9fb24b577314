import { expect, test } from "vitest";
import type { Task } from "@waggle/swarm-state";
import { createAssignmentSet } from "../../src/dispatcher/assignment-set.ts";
import { ASSIGNMENTS_PER_MESSAGE_MAX } from "../../src/dispatcher/limits.ts";
import { create, openStore } from "../support/open-store.ts";
import { idOf, task } from "../support/samples.ts";

const stored = (id: string, change: Partial<Task> = {}): Task => ({
  ...task(id, "n1"),
  version: 1,
  createdAtMs: 0,
  updatedAtMs: 0,
  ...change,
});
const ids = (tasks: readonly Task[]) => tasks.map(({ id }) => id);

test("the complete set has all that was ever assigned to the node, ended tasks too", async () => {
  const store = openStore();
  await create(store, task("a", "n1", "pending"), task("b", "n1"), task("c", "n1", "failed"));
  await create(store, task("d", "n2"));
  const { tasks } = createAssignmentSet(idOf("n1")).complete(store.view());
  expect(ids(tasks)).toEqual([idOf("b"), idOf("c")]);
});

test("an agent hears of what it is to do, not of what it said itself", () => {
  const set = createAssignmentSet(idOf("n1"));
  expect(
    set.note({ type: "create", object: stored("a", { status: task("a", "n1", "new").status }) }),
  ).toBe(false);
  expect(set.note({ type: "update", object: stored("a") })).toBe(true);
  expect(ids(set.take()!.tasks)).toEqual([idOf("a")]);
  expect(set.take()).toBeUndefined();

  const running = stored("a", { version: 2, status: task("a", "n1", "running").status });
  expect(set.note({ type: "update", object: running })).toBe(false);
  // The same once more as it comes out of the log: equal, but no longer the same object.
  expect(set.note({ type: "update", object: structuredClone(running) })).toBe(false);
  expect(set.waiting).toBe(0);

  expect(set.note({ type: "update", object: { ...running, desiredState: "shutdown" } })).toBe(true);
  expect(set.note({ type: "delete", object: running })).toBe(true);
  expect(set.take()).toEqual({
    type: "assignments",
    mode: "incremental",
    tasks: [],
    removedTaskIds: [idOf("a")],
  });
});

test("a task that came and went before it was told is not mentioned", () => {
  const set = createAssignmentSet(idOf("n1"));
  set.note({ type: "create", object: stored("a") });
  expect(set.note({ type: "delete", object: stored("a") })).toBe(false);
  expect(set.take()).toBeUndefined();
});

test("a message has a limited number of tasks, the next one the rest", () => {
  const set = createAssignmentSet(idOf("n1"));
  for (let at = 0; at <= ASSIGNMENTS_PER_MESSAGE_MAX; at += 1) {
    set.note({ type: "create", object: stored(`t${at}x`) });
  }
  expect(set.take()!.tasks).toHaveLength(ASSIGNMENTS_PER_MESSAGE_MAX);
  expect(set.take()!.tasks).toHaveLength(1);
  expect(set.take()).toBeUndefined();
});
