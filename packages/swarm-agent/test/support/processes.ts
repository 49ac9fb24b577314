import { spawnSync } from "node:child_process";
import { onTestFinished } from "vitest";
import type { Controller, Executor, LogLine } from "../../src/executor.ts";
import { createProcessExecutor } from "../../src/process/index.ts";
import type { ProcessExecutorOptions } from "../../src/process/index.ts";
import { testFolder } from "./folder.ts";
import { testTask } from "./tasks.ts";
import type { ContainerSpec } from "@waggle/swarm-state";

export const never: AbortSignal = new AbortController().signal;

/** An executor in a folder of its own; whatever it has started dies with the test. */
export async function testExecutor(
  options: Partial<ProcessExecutorOptions> = {},
): Promise<Executor & { directory: string }> {
  const directory = options.directory ?? (await testFolder());
  const executor = createProcessExecutor({ directory, ...options });
  onTestFinished(async () => {
    for (const taskId of await executor.heldTaskIds!()) await executor.discard!(taskId);
  });
  return { ...executor, directory };
}

/** A prepared and started task. */
export async function startTask(
  executor: Executor,
  container: Partial<ContainerSpec>,
): Promise<Controller> {
  const controller = await executor.controller(testTask({}, container));
  onTestFinished(() => controller.release());
  await controller.prepare({ signal: never });
  await controller.start({ signal: never });
  return controller;
}

/** A node program as a task's command. */
export function nodeProgram(source: string): Partial<ContainerSpec> {
  return { command: [process.execPath, "-e", source] };
}

/** `stream text` of each line of a log that does not follow. */
export async function logTexts(controller: Controller): Promise<string[]> {
  const options = { stdout: true, stderr: true, follow: false, signal: never };
  const texts: string[] = [];
  for await (const line of controller.logs(options)) texts.push(describeLine(line));
  return texts;
}

export function describeLine(line: LogLine): string {
  return `${line.stream} ${Buffer.from(line.text).toString("utf8")}`;
}

/** The next line of a log that is followed, from its beginning. */
export async function untilLine(controller: Controller, text: string): Promise<void> {
  const options = { stdout: true, stderr: true, follow: true, signal: AbortSignal.timeout(10_000) };
  for await (const line of controller.logs(options)) {
    if (Buffer.from(line.text).toString("utf8") === text) return;
  }
  throw new Error(`the log ended without the line ${text}`);
}

/** Whether the process runs; one that has ended and that nobody has collected yet does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}
