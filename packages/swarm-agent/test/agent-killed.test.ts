import { expect, onTestFinished, test } from "vitest";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Task } from "@waggle/swarm-state";
import { createAgent } from "../src/index.ts";
import type { Agent } from "../src/index.ts";
import { createFakeManagers, description } from "./support/managers.ts";
import { peer } from "./support/peers.ts";
import { collectAll, testFolder } from "./support/folder.ts";
import { describeLine, isAlive, testExecutor } from "./support/processes.ts";
import { id, testTask } from "./support/tasks.ts";

/** Starts an agent in its own process, waits until its task runs, kills it, and returns the task's pid. */
async function runAndKill(directory: string, task: Task): Promise<number> {
  // Kills the task too, whatever happens to the test.
  await testExecutor({ directory: join(directory, "processes") });
  const script = join(import.meta.dirname, "support/agent-process.ts");
  const child = spawn(
    process.execPath,
    ["--conditions=@waggle/source", script, directory, JSON.stringify(task)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => void child.kill("SIGKILL"));
  for await (const line of createInterface(child.stdout)) {
    const { state, pid } = JSON.parse(line) as { state: string; pid?: number };
    if (state !== "running") continue;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
    return pid!;
  }
  throw new Error("the agent ended before its task ran");
}

/** The next agent on the same directory; no manager answers it. */
async function nextAgent(directory: string): Promise<{ agent: Agent; states: string[] }> {
  const executor = await testExecutor({ directory: join(directory, "processes") });
  const fake = createFakeManagers();
  fake.broken.set(id("m0"), "hang");
  const agent = createAgent({
    nodeId: id("node1"),
    directory,
    executors: [executor],
    dial: fake.dial,
    initialManagers: () => [peer("m0")],
    describe: () => description,
  });
  onTestFinished(() => agent.stop({ tasks: "leave-running" }));
  const states: string[] = [];
  agent.subscribe((event) => {
    if (event.type === "task:status") states.push(event.status.state);
  });
  await agent.start();
  return { agent, states };
}

const goesOnUntil = (file: string, exitCode: number): Task =>
  testTask(
    {},
    {
      command: [
        "sh",
        "-c",
        `echo before; while [ ! -e "$0" ]; do sleep 0.01; done; echo after; exit ${exitCode}`,
        file,
      ],
    },
  );

test("kill -9 of the agent: the task goes on, is adopted with its pid, and its exit code is learnt", async () => {
  const directory = await testFolder();
  const go = join(directory, "go");
  const pid = await runAndKill(directory, goesOnUntil(go, 6));
  expect(isAlive(pid)).toBe(true);
  const { agent, states } = await nextAgent(directory);
  expect(agent.taskStatuses()).toMatchObject([
    { taskId: id("task1"), status: { state: "running", container: { pid } } },
  ]);
  await writeFile(go, "");
  await expect.poll(() => states, { interval: 5, timeout: 5_000 }).toEqual(["failed"]);
  expect(agent.taskStatuses()[0]!.status).toMatchObject({
    error: "task: non-zero exit (6)",
    container: { pid, exitCode: 6 },
  });
  const options = { stdout: true, stderr: true, follow: false, signal: AbortSignal.timeout(5_000) };
  const lines = await collectAll(agent.taskLogs(id("task1"), options));
  expect(lines.map(describeLine)).toEqual(["stdout before", "stdout after"]);
});

test("what ended while no agent was there is reported with its exit code, not started again", async () => {
  const directory = await testFolder();
  const go = join(directory, "go");
  const pid = await runAndKill(directory, goesOnUntil(go, 0));
  await writeFile(go, "");
  await expect.poll(() => isAlive(pid), { interval: 20, timeout: 5_000 }).toBe(false);
  const { agent, states } = await nextAgent(directory);
  await expect.poll(() => states, { interval: 5, timeout: 5_000 }).toEqual(["complete"]);
  expect(agent.taskStatuses()[0]!.status.container).toMatchObject({ pid, exitCode: 0 });
});
