import { expect, test } from "vitest";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Controller } from "../../src/executor.ts";
import { openProcessController } from "../../src/process/controller.ts";
import type { ProcessTable } from "../../src/process/identity.ts";
import { SHIM_SCRIPT } from "../../src/process/shim.ts";
import { createTaskFiles } from "../../src/process/task-files.ts";
import { createManualClock } from "../support/clock.ts";
import { testFolder } from "../support/folder.ts";
import { never } from "../support/processes.ts";
import { testTask } from "../support/tasks.ts";

/** A controller of a process that only exists in the table. */
async function setup(
  table: Partial<ProcessTable>,
  files: Record<string, string>,
  { clock = createManualClock(), folder = "" } = {},
): Promise<Controller> {
  folder ||= join(await testFolder(), "task");
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const whole: ProcessTable = {
    isAlive: () => Promise.resolve(false),
    parseIdentity: (line) => ({ pid: Number(line), startedAt: "1" }),
    bootId: () => Promise.resolve("boot"),
    ...table,
  };
  return openProcessController({
    task: testTask(),
    files: createTaskFiles(folder, whole),
    table: whole,
    clock,
    plan: () => Promise.reject(new Error("not to be started")),
    check: () => undefined,
    stopSignal: 15,
    stopGracePeriodMs: 10,
  });
}

const launched = { launch: "boot\n", shim: "1000000001\n", pid: "1000000002\n" };

test("when the system cannot say, the step is tried again: nothing is concluded", async () => {
  let broken = false;
  const controller = await setup(
    {
      isAlive: () =>
        broken ? Promise.reject(new Error("too many open files")) : Promise.resolve(true),
    },
    launched,
  );
  broken = true;
  await expect(controller.wait({ signal: never })).rejects.toMatchObject({ code: "temporary" });
  await controller.release();
});

test("an exit code counts once its line is complete", async () => {
  const incomplete = await setup({}, { ...launched, exit: "12" });
  await expect(incomplete.wait({ signal: never })).rejects.toMatchObject({ code: "exit-unknown" });
  const complete = await setup({}, { ...launched, exit: "12\n" });
  expect(await complete.wait({ signal: never })).toEqual({ exitCode: 12 });
  expect(complete.status()).toMatchObject({ pid: 1_000_000_002, exitCode: 12 });
});

test("a task that this executor killed has the exit code of SIGKILL", async () => {
  const controller = await setup({}, { ...launched, killed: "\n" });
  expect(await controller.wait({ signal: never })).toEqual({ exitCode: 137 });
});

test("the shell was killed alone: the task still runs", async () => {
  const controller = await setup(
    { isAlive: ({ pid }) => Promise.resolve(pid === 1_000_000_002) },
    launched,
  );
  const abort = new AbortController();
  const waiting = controller.wait({ signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toThrow("aborted");
  expect(controller.status()).toMatchObject({ pid: 1_000_000_002, exitCode: undefined });
  await controller.release();
});

test.each(["shutdown", "terminate"] as const)(
  "after %s, a shell that comes up far too late starts nothing",
  async (step) => {
    const clock = createManualClock();
    const folder = join(await testFolder(), "task");
    const controller = await setup({}, { launch: "boot\n" }, { clock, folder });
    const stopping = controller[step]({ signal: never }).then(() => true);
    await expect
      .poll(
        async () => {
          await clock.advance(5_000);
          return Promise.race([stopping, Promise.resolve(false)]);
        },
        { interval: 1 },
      )
      .toBe(true);
    const late = spawnSync("/bin/sh", [
      "-c",
      SHIM_SCRIPT,
      "waggle-task",
      folder,
      "15",
      "/bin/true",
    ]);
    expect(late.status).toBe(125);
    expect(await readdir(folder)).not.toContain("pid");
    expect(await readFile(join(folder, "exit"), "utf8")).toBe("125\n");
    await controller.release();
  },
);
