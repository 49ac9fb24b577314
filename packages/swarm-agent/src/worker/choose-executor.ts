import type { Task } from "@waggle/swarm-state";
import { ExecutorError } from "../errors.ts";
import type { Controller, Executor } from "../executor.ts";

/** Asks the executors in their order. @throws ExecutorError `spec-unsupported` when none takes the task. */
export async function controllerFor(
  executors: readonly Executor[],
  task: Task,
): Promise<Controller> {
  const executor = executors.find((candidate) => candidate.supports(task));
  if (executor === undefined) throw new ExecutorError("spec-unsupported", refusal(executors, task));
  return executor.controller(task);
}

function refusal(executors: readonly Executor[], task: Task): string {
  const names = executors.map((executor) => executor.name);
  const { image } = task.spec.container;
  if (!names.includes("process")) {
    return `no executor of this node can run image "${image}" (it has: ${names.join(", ") || "none"})`;
  }
  return (
    `this node has no container engine: image "${image}" cannot run here; ` +
    `use the image name "process" to run a command on the node itself`
  );
}
