import { expect, onTestFinished, test } from "vitest";
import type { Task, TaskStatus } from "@waggle/swarm-state";
import { ExecutorError } from "../../src/errors.ts";
import type { Controller } from "../../src/executor.ts";
import { createTaskRunner } from "../../src/worker/task-runner.ts";
import type { TaskRunner } from "../../src/worker/task-runner.ts";
import { createManualClock, settle } from "../support/clock.ts";
import type { ManualClock } from "../support/clock.ts";
import { createScriptedController } from "../support/controllers.ts";
import { testTask } from "../support/tasks.ts";

interface Setup {
  readonly runner: TaskRunner;
  readonly clock: ManualClock;
  readonly seen: string[];
  readonly persisted: string[];
}

function setup(
  controller: Controller | ExecutorError,
  task: Task = testTask(),
  status: TaskStatus = task.status,
): Setup {
  const clock = createManualClock();
  const seen: string[] = [];
  const persisted: string[] = [];
  const text = ({ state, message, error, container }: TaskStatus): string =>
    [state, message, error, container?.pid].filter((part) => part !== "" && part).join(" | ");
  const runner = createTaskRunner({
    task,
    status,
    clock,
    resolve: () =>
      controller instanceof ExecutorError
        ? Promise.reject(controller)
        : Promise.resolve(controller),
    persist: (next) => {
      persisted.push(next.state);
      return Promise.resolve();
    },
    onStatus: (next) => seen.push(text(next)),
  });
  onTestFinished(() => runner.release());
  return { runner, clock, seen, persisted };
}

test("from assigned to complete", async () => {
  const controller = createScriptedController();
  const { seen, persisted } = setup(controller);
  await settle();
  expect(controller.calls).toEqual(["prepare", "start", "wait"]);
  controller.exit(0);
  await settle();
  expect(seen).toEqual([
    "accepted | accepted",
    "preparing | preparing",
    "ready | prepared",
    "starting | starting",
    "running | started | 42",
    "complete | finished | 42",
  ]);
  expect(persisted).toEqual(["starting", "running", "complete"]);
});

test("a non-zero exit code fails the task and keeps the last message", async () => {
  const controller = createScriptedController();
  const { seen } = setup(controller);
  await settle();
  controller.exit(3);
  await settle();
  expect(seen.at(-1)).toBe("failed | started | task: non-zero exit (3) | 42");
});

test("no executor: rejected", async () => {
  const { seen } = setup(new ExecutorError("spec-unsupported", "no engine here"));
  await settle();
  expect(seen).toEqual(["rejected | scheduler assigned task to node | no engine here"]);
});

test("a failed preparation rejects, a failed start fails and terminates what it left", async () => {
  const error = new ExecutorError("start-failed", "starting container failed: no");
  const prepares = setup(createScriptedController({ prepare: () => Promise.reject(error) }));
  const controller = createScriptedController({ start: () => Promise.reject(error) });
  const starts = setup(controller);
  await settle();
  expect(prepares.seen.at(-1)).toBe("rejected | preparing | starting container failed: no");
  expect(starts.seen.at(-1)).toBe("failed | starting | starting container failed: no");
  expect(controller.calls).toEqual(["prepare", "start", "terminate"]);
});

test("a temporary error is retried after a pause, with its text in the status", async () => {
  let left = 2;
  const controller = createScriptedController({
    prepare: () => {
      left -= 1;
      return left < 0
        ? Promise.resolve()
        : Promise.reject(new ExecutorError("temporary", "not now"));
    },
  });
  const { clock, seen } = setup(controller);
  await settle();
  expect(seen.at(-1)).toBe("preparing | preparing | not now");
  await clock.advance(999);
  expect(controller.calls).toEqual(["prepare"]);
  await clock.advance(1);
  expect(controller.calls).toEqual(["prepare", "prepare"]);
  await clock.advance(2000);
  expect(seen.at(-1)).toBe("running | started | 42");
});

test("desired ready holds the task until it is to run", async () => {
  const controller = createScriptedController();
  const task = testTask({ desiredState: "ready" });
  const { runner, seen } = setup(controller, task);
  await settle();
  expect(seen.at(-1)).toBe("ready | prepared");
  runner.assign({ ...task, version: 2, desiredState: "running" });
  await settle();
  expect(seen.at(-1)).toBe("running | started | 42");
  runner.assign({ ...task, version: 3, desiredState: "ready" });
  await settle();
  expect(controller.calls).toEqual(["prepare", "start", "wait"]);
});

test("shutdown interrupts the step under way", async () => {
  const controller = createScriptedController({
    prepare: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
      }),
  });
  const task = testTask();
  const { runner, seen } = setup(controller, task);
  await settle();
  runner.assign({ ...task, version: 2, desiredState: "shutdown" });
  await settle();
  expect(controller.calls).toEqual(["prepare", "shutdown"]);
  expect(seen.at(-1)).toBe("shutdown | shutdown");
});

test("a shutdown is not interrupted by remove", async () => {
  const stopped = Promise.withResolvers<undefined>();
  const controller = createScriptedController({ shutdown: () => stopped.promise });
  const task = testTask();
  const { runner, seen } = setup(controller, task);
  await settle();
  runner.assign({ ...task, version: 2, desiredState: "shutdown" });
  await settle();
  const removed = runner.remove();
  await settle();
  stopped.resolve(undefined);
  await removed;
  expect(controller.calls).toEqual(["prepare", "start", "wait", "shutdown", "remove"]);
  expect(seen.at(-1)).toBe("running | started | 42");
});

test("remove stops, removes, and tells nobody", async () => {
  const controller = createScriptedController();
  const { runner, seen } = setup(controller);
  await settle();
  await runner.remove();
  expect(controller.calls).toEqual(["prepare", "start", "wait", "shutdown", "remove"]);
  expect(seen.at(-1)).toBe("running | started | 42");
});

test("release leaves what runs alone", async () => {
  const controller = createScriptedController();
  const { runner, seen } = setup(controller);
  await settle();
  await runner.release();
  expect(controller.calls).toEqual(["prepare", "start", "wait", "release"]);
  expect(seen.at(-1)).toBe("running | started | 42");
});

test("a restored running task goes on waiting; its own status counts, not the assignment's", async () => {
  const controller = createScriptedController();
  const task = testTask();
  const { seen } = setup(controller, task, {
    ...task.status,
    state: "running",
    message: "started",
  });
  await settle();
  expect(controller.calls).toEqual(["wait"]);
  controller.lose(new ExecutorError("exit-unknown", "gone"));
  await settle();
  expect(seen).toEqual(["failed | started | gone"]);
});

test("an ended task does nothing more, except to be removed", async () => {
  const controller = createScriptedController();
  const task = testTask();
  const { runner, seen } = setup(controller, task, { ...task.status, state: "failed" });
  await settle();
  expect(controller.calls).toEqual([]);
  await runner.stop();
  await runner.remove();
  expect(controller.calls).toEqual(["remove"]);
  expect(seen).toEqual([]);
});
