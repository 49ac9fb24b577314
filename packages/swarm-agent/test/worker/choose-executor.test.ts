import { expect, test } from "vitest";
import type { Executor } from "../../src/executor.ts";
import { controllerFor } from "../../src/worker/choose-executor.ts";
import { createScriptedController } from "../support/controllers.ts";
import { testTask } from "../support/tasks.ts";

function executor(name: string, image: string): Executor {
  return {
    name,
    supports: (task) => task.spec.container.image === image,
    controller: () => Promise.resolve({ ...createScriptedController(), executor: name }),
  };
}

test("the first executor that takes the task gets it", async () => {
  const executors = [executor("a", "x"), executor("b", "y"), executor("c", "y")];
  expect(await controllerFor(executors, testTask({}, { image: "y" }))).toHaveProperty(
    "executor",
    "b",
  );
});

test("the refusal says what to do on a node with processes only", async () => {
  const task = testTask({}, { image: "nginx" });
  await expect(controllerFor([executor("process", "process")], task)).rejects.toMatchObject({
    code: "spec-unsupported",
    message:
      'this node has no container engine: image "nginx" cannot run here; ' +
      'use the image name "process" to run a command on the node itself',
  });
  await expect(controllerFor([executor("docker", "x")], task)).rejects.toThrow(
    'no executor of this node can run image "nginx" (it has: docker)',
  );
  await expect(controllerFor([], task)).rejects.toThrow("(it has: none)");
});
