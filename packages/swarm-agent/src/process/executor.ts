import { mkdir, readdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import type { Task } from "@waggle/swarm-state";
import { createSystemClock } from "../clock.ts";
import { ExecutorError } from "../errors.ts";
import type { Controller, Executor } from "../executor.ts";
import { systemCodeOf } from "../internal/text.ts";
import { isTaskId } from "../worker/task-id.ts";
import { checkSpec } from "./check-spec.ts";
import { resolveCommand } from "./command.ts";
import { openProcessController } from "./controller.ts";
import { discardProcess } from "./discard.ts";
import { environmentOf } from "./environment.ts";
import { createProcessTable } from "./identity.ts";
import type { Launch } from "./launch.ts";
import { STOP_GRACE_PERIOD_MS_DEFAULT, validateProcessOptions } from "./options.ts";
import type { ProcessExecutorOptions } from "./options.ts";
import { signalNumber } from "./signals.ts";
import { createTaskFiles } from "./task-files.ts";
import { expandTemplates } from "./templates.ts";
import type { TemplateNode } from "./templates.ts";

/**
 * Runs tasks of the image `process` as processes of the node, in sessions of their own. They outlive the agent; the next
 * one adopts them and still learns their exit codes.
 * @throws AgentError `options-invalid`.
 * @throws ExecutorError `platform-unsupported` on Windows.
 */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  validateProcessOptions(options);
  if (process.platform === "win32") {
    throw new ExecutorError(
      "platform-unsupported",
      "the process executor needs process groups and a POSIX shell; Windows has neither",
    );
  }
  const directory = resolve(options.directory);
  const clock = options.clock ?? createSystemClock();
  const table = createProcessTable();
  const files = (taskId: string): ReturnType<typeof createTaskFiles> =>
    createTaskFiles(join(directory, taskId), table);
  return {
    name: "process",
    supports: (task) => /^process(:latest)?$/.test(task.spec.container.image),
    controller: async (task): Promise<Controller> => {
      assertTaskId(task.id);
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const { stopSignal, stopGracePeriodMs } = task.spec.container;
      return openProcessController({
        task,
        files: files(task.id),
        table,
        clock,
        plan: (planned) => planLaunch(planned, options),
        check: checkSpec,
        stopSignal: signalNumber(stopSignal),
        stopGracePeriodMs:
          stopGracePeriodMs >= 0
            ? stopGracePeriodMs
            : (options.stopGracePeriodMs ?? STOP_GRACE_PERIOD_MS_DEFAULT),
      });
    },
    heldTaskIds: () => foldersOf(directory),
    discard: async (taskId) => {
      assertTaskId(taskId);
      await discardProcess(files(taskId), table, clock);
    },
  };
}

async function planLaunch(task: Task, options: ProcessExecutorOptions): Promise<Launch> {
  const node: TemplateNode = {
    hostname: options.nodeHostname ?? hostname(),
    os: process.platform,
    architecture: process.arch,
  };
  const { command, args, dir, stopSignal } = task.spec.container;
  const base = resolve(options.defaultWorkingDirectory ?? process.cwd());
  const cwd = dir === "" ? base : resolve(base, dir);
  const environment = environmentOf(task, node, options.nodeEnvironment ?? process.env);
  const argv = [...command, ...args].map((text) => expandTemplates(text, task, node));
  const program = await resolveCommand(argv[0] ?? "", cwd, environment["PATH"] ?? "");
  return {
    argv: [program, ...argv.slice(1)],
    environment,
    cwd,
    stopSignal: signalNumber(stopSignal),
  };
}

async function foldersOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter(isTaskId);
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
}

function assertTaskId(taskId: string): void {
  if (isTaskId(taskId)) return;
  throw new ExecutorError("spec-unsupported", `a task's id cannot name a folder: "${taskId}"`);
}
