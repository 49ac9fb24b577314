import { expect, onTestFinished, test } from "vitest";
import { constants } from "node:os";
import { readFile, readdir, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testFolder } from "../support/folder.ts";
import {
  isAlive,
  logTexts,
  never,
  nodeProgram,
  startTask,
  testExecutor,
  untilLine,
} from "../support/processes.ts";
import { id, testTask } from "../support/tasks.ts";

test("a command runs, its output is kept and its exit code learnt", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, {
    command: ["sh", "-c", "echo out; echo err >&2; printf unfinished; exit 7"],
  });
  expect(await controller.wait({ signal: never })).toEqual({ exitCode: 7 });
  expect((await logTexts(controller)).sort()).toEqual([
    "stderr err",
    "stdout out",
    "stdout unfinished",
  ]);
  expect(controller.status()).toMatchObject({ containerId: id("task1"), exitCode: 7 });
});

test("arguments reach the command unmangled", async () => {
  const executor = await testExecutor();
  const args = ["a b", "$HOME", "`id`", '"', "'", "*", "", "a\\nb", "-n", "é"];
  const controller = await startTask(executor, {
    ...nodeProgram("console.log(JSON.stringify(process.argv.slice(1)))"),
    args: ["--", ...args],
  });
  await controller.wait({ signal: never });
  const [line] = await logTexts(controller);
  expect(JSON.parse(line!.replace("stdout ", ""))).toEqual(args);
});

test("the environment: basics of the node, the task's identity, the spec's own with placeholders", async () => {
  const executor = await testExecutor({
    nodeHostname: "host7",
    nodeEnvironment: { PATH: process.env["PATH"], HOME: "/home/x", SECRET: "no" },
  });
  const controller = await startTask(executor, {
    ...nodeProgram("console.log(JSON.stringify({ ...process.env, argv: process.argv[1] }))"),
    args: ["{{.Service.Name}}-{{ .Task.Slot }}-{{.Unknown}}"],
    hostname: "{{.Node.Hostname}}-{{.Task.Slot}}",
    env: ["NAME={{.Task.Name}}", "odd.name=1", "start=keep", "waggle_dir=gone", "EMPTY=", "A=b=c"],
  });
  await controller.wait({ signal: never });
  const [line] = await logTexts(controller);
  const seen = JSON.parse(line!.replace("stdout ", "")) as Record<string, string>;
  expect(seen).toMatchObject({
    HOME: "/home/x",
    WAGGLE_TASK_ID: id("task1"),
    WAGGLE_SERVICE_NAME: "web",
    WAGGLE_TASK_SLOT: "3",
    WAGGLE_NODE_ID: id("node1"),
    HOSTNAME: "host7-3",
    NAME: `web.3.${id("task1")}`,
    "odd.name": "1",
    start: "keep",
    EMPTY: "",
    A: "b=c",
    argv: "web-3-{{.Unknown}}",
  });
  expect(seen["SECRET"]).toBeUndefined();
});

test("the working folder: the spec's, else the executor's default", async () => {
  const folder = await realpath(await testFolder());
  const executor = await testExecutor({ defaultWorkingDirectory: folder });
  const controller = await startTask(executor, { command: ["pwd"] });
  await controller.wait({ signal: never });
  expect(await logTexts(controller)).toEqual([`stdout ${folder}`]);
});

test.each([
  [
    ["nosuch-command"],
    'starting container failed: exec: "nosuch-command": executable file not found in $PATH',
  ],
  [["./nosuch"], 'starting container failed: exec: "./nosuch": no such file or directory'],
  [["/etc/passwd"], 'starting container failed: exec: "/etc/passwd": permission denied'],
  [["/tmp"], 'starting container failed: exec: "/tmp": is a directory'],
])("a command that cannot be started: %s", async (command, message) => {
  const executor = await testExecutor();
  await expect(startTask(executor, { command })).rejects.toMatchObject({
    code: "start-failed",
    message,
  });
});

test.each([
  [{}, /no command of its own/],
  [{ command: ["true"], tty: true }, /TTY/],
  [{ command: ["true"], user: "somebody-else" }, /own user/],
  [{ command: ["true"], readOnly: true }, /read-only/],
])("what a process cannot be given is refused: %o", async (container, message) => {
  const executor = await testExecutor();
  await expect(startTask(executor, container)).rejects.toMatchObject({
    code: "spec-unsupported",
    message: expect.stringMatching(message) as string,
  });
});

test("an invalid stop signal is refused", async () => {
  const executor = await testExecutor();
  const task = testTask({}, { command: ["true"], stopSignal: "SIGNOSUCH" });
  await expect(executor.controller(task)).rejects.toThrow("invalid stop signal: SIGNOSUCH");
});

test.each(["", "SIGINT", "USR1", "3", "SIGRTMIN+3"])(
  "the stop signal %s reaches the process, which ends in its own way",
  async (stopSignal) => {
    const executor = await testExecutor();
    const number = { "": 15, SIGINT: 2, USR1: 10, "3": 3, "SIGRTMIN+3": 37 }[stopSignal]!;
    const controller = await startTask(executor, {
      command: [
        "bash",
        "-c",
        `trap 'echo caught; exit 5' ${number}; echo up; while :; do sleep 0.01; done`,
      ],
      stopSignal,
    });
    await untilLine(controller, "up");
    await controller.shutdown({ signal: never });
    expect(await controller.wait({ signal: never })).toEqual({ exitCode: 5 });
    expect(await logTexts(controller)).toContain("stdout caught");
  },
);

test("a process that ignores its stop signal is killed after the grace period, with all that it started", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, {
    command: ["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; echo up; wait; wait; sleep 1000"],
    stopGracePeriodMs: 150,
  });
  await untilLine(controller, "up");
  const { pid } = controller.status()!;
  const child = Number((await logTexts(controller))[0]!.replace("stdout ", ""));
  expect(isAlive(child)).toBe(true);
  await controller.shutdown({ signal: never });
  expect(isAlive(pid)).toBe(false);
  await expect.poll(() => isAlive(child)).toBe(false);
  expect(await controller.wait({ signal: never })).toEqual({ exitCode: 137 });
});

test("when the command ends, what it left in its group is killed", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sh", "-c", "sleep 1000 & echo $!"] });
  expect(await controller.wait({ signal: never })).toEqual({ exitCode: 0 });
  const child = Number((await logTexts(controller))[0]!.replace("stdout ", ""));
  await expect.poll(() => isAlive(child)).toBe(false);
});

test("killed from outside: the exit code tells the signal", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sleep", "1000"] });
  process.kill(controller.status()!.pid, "SIGKILL");
  expect(await controller.wait({ signal: never })).toEqual({
    exitCode: 128 + constants.signals.SIGKILL,
  });
});

test("the whole group killed from outside: the exit code is unknown", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, {
    command: ["sh", "-c", "read -r stat </proc/$$/stat; set -- $stat; echo $5; exec sleep 1000"],
  });
  const options = { stdout: true, stderr: true, follow: true, tail: 1, signal: never };
  let group = 0;
  for await (const line of controller.logs(options)) {
    group = Number(Buffer.from(line.text).toString());
    break;
  }
  process.kill(-group, "SIGKILL");
  await expect(controller.wait({ signal: never })).rejects.toMatchObject({ code: "exit-unknown" });
});

test("start is idempotent, and so is a stop of what never ran", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sleep", "1000"] });
  const { pid } = controller.status()!;
  await controller.start({ signal: never });
  expect(controller.status()!.pid).toBe(pid);
  const other = await executor.controller(testTask({ id: "other" }, { command: ["true"] }));
  await other.shutdown({ signal: never });
  await other.remove();
  expect(isAlive(pid)).toBe(true);
});

test("remove kills and deletes everything", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sleep", "1000"] });
  const { pid } = controller.status()!;
  await controller.remove();
  expect(isAlive(pid)).toBe(false);
  expect(await readdir(executor.directory)).toEqual([]);
  await expect(controller.wait({ signal: never })).rejects.toMatchObject({ code: "removed" });
});

test("a second controller adopts the process and learns its exit code", async () => {
  const executor = await testExecutor();
  const folder = await testFolder();
  const first = await startTask(executor, {
    command: [
      "sh",
      "-c",
      'echo one; while [ ! -e "$0" ]; do sleep 0.01; done; echo two; exit 9',
      join(folder, "go"),
    ],
  });
  await untilLine(first, "one");
  const { pid } = first.status()!;
  await first.release();
  const second = await executor.controller(testTask());
  await second.start({ signal: never });
  expect(second.status()!.pid).toBe(pid);
  await writeFile(join(folder, "go"), "");
  expect(await second.wait({ signal: never })).toEqual({ exitCode: 9 });
  expect(await logTexts(second)).toEqual(["stdout one", "stdout two"]);
  await second.release();
});

test("a process number that was given to another process is never signalled", async () => {
  const executor = await testExecutor();
  const bystander = await startTask(executor, { command: ["sleep", "1000"] });
  const { pid } = bystander.status()!;
  const task = testTask({ id: "stale" }, { command: ["sleep", "1000"] });
  const stale = await executor.controller(task);
  await stale.prepare({ signal: never });
  const stat = `${pid} (sleep) S ${Array.from({ length: 30 }, () => "1").join(" ")}`;
  const bootId = await readFile(join(executor.directory, id("task1"), "launch"), "utf8");
  for (const [name, text] of [
    ["launch", bootId],
    ["shim", `${pid} ${stat}\n`],
    ["pid", `${pid} ${stat}\n`],
  ] as const) {
    await writeFile(join(executor.directory, "stale", name), text);
  }
  await expect(stale.wait({ signal: never })).rejects.toMatchObject({ code: "exit-unknown" });
  await stale.shutdown({ signal: never });
  await stale.remove();
  expect(isAlive(pid)).toBe(true);
});

test("an abandoned wait leaves the process alone", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sleep", "1000"] });
  const abort = new AbortController();
  const waiting = controller.wait({ signal: abort.signal });
  abort.abort();
  await expect(waiting).rejects.toThrow();
  expect(isAlive(controller.status()!.pid)).toBe(true);
});

test("a task of which only the folder is known is killed and cleared", async () => {
  const executor = await testExecutor();
  const controller = await startTask(executor, { command: ["sleep", "1000"] });
  const { pid } = controller.status()!;
  await controller.release();
  expect(await executor.heldTaskIds!()).toEqual([id("task1")]);
  await executor.discard!(id("task1"));
  expect(isAlive(pid)).toBe(false);
  expect(await executor.heldTaskIds!()).toEqual([]);
});

test("a task of a former boot of the machine is not looked for among today's processes", async () => {
  const executor = await testExecutor();
  const first = await startTask(executor, { command: ["sleep", "1000"] });
  const { pid } = first.status()!;
  await first.release();
  const launch = join(executor.directory, id("task1"), "launch");
  const bootId = await readFile(launch, "utf8");
  await writeFile(launch, "another-boot\n");
  const second = await executor.controller(testTask());
  await expect(second.wait({ signal: never })).rejects.toMatchObject({ code: "exit-unknown" });
  await second.terminate();
  expect(isAlive(pid)).toBe(true);
  await second.release();
  await writeFile(launch, bootId);
});

test("a task starts once, even when two agents try", async () => {
  const executor = await testExecutor();
  const folder = await testFolder();
  const task = testTask(
    {},
    { command: ["sh", "-c", 'echo ran >>"$0"; sleep 1000', join(folder, "ran")] },
  );
  const controllers = await Promise.all([executor.controller(task), executor.controller(task)]);
  onTestFinished(async () => {
    for (const controller of controllers) await controller.release();
  });
  for (const controller of controllers) await controller.prepare({ signal: never });
  await Promise.all(controllers.map((controller) => controller.start({ signal: never })));
  expect(controllers[0].status()!.pid).toBe(controllers[1].status()!.pid);
  await expect.poll(() => readFile(join(folder, "ran"), "utf8").catch(() => "")).toBe("ran\n");
});

test("an id that cannot name a folder is refused", async () => {
  const executor = await testExecutor();
  for (const taskId of ["", "..", "a/b", "-x", "x".repeat(65)]) {
    await expect(executor.controller(testTask({ id: taskId }))).rejects.toMatchObject({
      code: "spec-unsupported",
    });
    await expect(executor.discard!(taskId)).rejects.toMatchObject({ code: "spec-unsupported" });
  }
});
