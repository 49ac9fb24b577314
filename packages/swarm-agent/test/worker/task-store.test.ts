import { expect, test } from "vitest";
import { mkdir, readdir, readlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openTaskStore } from "../../src/worker/task-store.ts";
import { testFolder } from "../support/folder.ts";
import { id, testTask } from "../support/tasks.ts";

test("what was put is loaded: the assignment, and its own status once there is one", async () => {
  const folder = await testFolder();
  const store = await openTaskStore(folder);
  const a = testTask({ id: "a" });
  const b = testTask({ id: "b" });
  await store.putTask(a);
  await store.putTask(b);
  const status = { ...b.status, state: "running" as const, message: "started" };
  await store.putStatus("b", status);
  await store.putTask(testTask({ id: "c" }));
  await store.remove("c");
  const loaded = await (await openTaskStore(folder)).load();
  expect(loaded).toEqual({
    tasks: [
      {
        task: JSON.parse(JSON.stringify(a)) as unknown,
        status: { ...a.status, container: undefined },
      },
      { task: JSON.parse(JSON.stringify(b)) as unknown, status },
    ],
    damaged: [],
  });
});

test("damaged records are named and harm nothing else", async () => {
  const folder = await testFolder();
  const store = await openTaskStore(folder);
  for (const taskId of ["a", "b", "c", "d", "e", "f"]) {
    await store.putTask(testTask({ id: taskId }));
  }
  const at = (taskId: string, name = "task.json"): string => join(folder, "tasks", taskId, name);
  await truncate(at("a"), 40);
  await writeFile(at("b"), JSON.stringify({ format: "waggle-task", version: 2, value: {} }));
  await writeFile(
    at("c"),
    JSON.stringify({ format: "waggle-task", version: 1, value: { id: "c" } }),
  );
  await truncate(at("d"), 5 * 1024 * 1024);
  await writeFile(at("e", "status.json"), "{}");
  await mkdir(join(folder, "tasks", "empty"));
  const { tasks, damaged } = await store.load();
  expect(tasks.map(({ task }) => task.id)).toEqual(["f"]);
  expect(damaged.map(({ taskId }) => taskId)).toEqual(["a", "b", "c", "d", "e", "empty"]);
});

test("of writes that were asked for at once the last one counts", async () => {
  const folder = await testFolder();
  const store = await openTaskStore(folder);
  const named = (length: number) =>
    testTask({ service: { name: "x".repeat(length), labels: {} }, version: length });
  const lengths = Array.from({ length: 30 }, (_, at) => 30_000 - at * 1_000);
  await Promise.all(lengths.map((length) => store.putTask(named(length))));
  const { tasks, damaged } = await store.load();
  expect(damaged).toEqual([]);
  expect(tasks.map(({ task }) => task.version)).toEqual([1_000]);
  await Promise.all([store.putTask(testTask()), store.remove(id("task1"))]);
  expect(await readdir(join(folder, "tasks"))).toEqual([]);
});

test("thousands of records do not open thousands of files", async () => {
  const folder = await testFolder();
  const store = await openTaskStore(folder);
  let most = 0;
  const done = Promise.all(
    Array.from({ length: 400 }, (_, at) => store.putTask(testTask({ id: `t${at}` }))),
  ).then(() => true);
  const isDone = Promise.race([done, Promise.resolve(false)]);
  for (let ended = await isDone; !ended;) {
    most = Math.max(most, await openFilesIn(folder));
    ended = await Promise.race([done, Promise.resolve(false)]);
  }
  expect(most).toBeLessThanOrEqual(32);
  expect((await store.load()).tasks).toHaveLength(400);
});

/** How many files of the folder this process has open, where the system tells. */
async function openFilesIn(folder: string): Promise<number> {
  const names = await readdir("/proc/self/fd").catch(() => []);
  const targets = await Promise.all(
    names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
  );
  return targets.filter((target) => target.startsWith(folder)).length;
}

test("nothing half-written is left beside", async () => {
  const folder = await testFolder();
  const store = await openTaskStore(folder);
  await store.putTask(testTask());
  await store.putTask(testTask());
  expect(await readdir(join(folder, "tasks", id("task1")))).toEqual(["task.json"]);
});

test("a directory that cannot be made is a clear error", async () => {
  const folder = await testFolder();
  await writeFile(join(folder, "file"), "");
  await expect(openTaskStore(join(folder, "file"))).rejects.toMatchObject({
    name: "AgentError",
    code: "directory-unusable",
  });
});
