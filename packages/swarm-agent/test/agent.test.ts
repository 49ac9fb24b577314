import { expect, onTestFinished, test } from "vitest";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { AgentMessage, StatusReport } from "@waggle/swarm-state";
import { createAgent } from "../src/index.ts";
import type { Agent, AgentEvent, AgentOptions, Executor } from "../src/index.ts";
import { createManualClock, settle } from "./support/clock.ts";
import type { ManualClock } from "./support/clock.ts";
import { createScriptedController } from "./support/controllers.ts";
import type { ScriptedController } from "./support/controllers.ts";
import { collectAll, testFolder } from "./support/folder.ts";
import { createFakeManagers, description } from "./support/managers.ts";
import type { FakeManagers, FakeSession } from "./support/managers.ts";
import { peer } from "./support/peers.ts";
import { id, testTask } from "./support/tasks.ts";

interface Setup {
  readonly agent: Agent;
  readonly clock: ManualClock;
  readonly fake: FakeManagers;
  readonly events: AgentEvent[];
  readonly controllers: Map<string, ScriptedController>;
  readonly directory: string;
  /** Waits for the session with that number and returns it. */
  readonly session: (index: number) => Promise<FakeSession>;
}

async function setup(options: Partial<AgentOptions> = {}): Promise<Setup> {
  const clock = createManualClock();
  const fake = createFakeManagers();
  const controllers = new Map<string, ScriptedController>();
  const executor: Executor = {
    name: "process",
    supports: (task) => task.spec.container.image === "process",
    controller: (task) => {
      const controller = createScriptedController();
      controllers.set(task.id, controller);
      return Promise.resolve(controller);
    },
  };
  const directory = options.directory ?? (await testFolder());
  const agent = createAgent({
    nodeId: id("node1"),
    directory,
    executors: [executor],
    dial: fake.dial,
    initialManagers: () => [peer("m0"), peer("m1")],
    describe: () => description,
    clock,
    random: () => 0,
    ...options,
  });
  const events: AgentEvent[] = [];
  agent.subscribe((event) => events.push(event));
  onTestFinished(() => agent.stop({ tasks: "leave-running" }));
  await agent.start();
  const session = async (index: number): Promise<FakeSession> => {
    await expect.poll(() => fake.sessions[index], { interval: 1 }).toBeDefined();
    await settle();
    return fake.sessions[index]!;
  };
  return { agent, clock, fake, events, controllers, directory, session };
}

function reports(messages: readonly AgentMessage[]): string[] {
  return messages
    .filter((message): message is StatusReport => message.type === "status")
    .map(({ sequence, statuses }) => {
      const parts = statuses.map(
        ({ taskId, status }) => `${taskId.replace(/0+$/, "")} ${status.state}`,
      );
      return `${sequence}: ${parts.join(", ")}`;
    });
}

async function untilState(agent: Agent, taskId: string, state: string): Promise<void> {
  const stateOf = (): string | undefined =>
    agent.taskStatuses().find((task) => task.taskId === taskId)?.status.state;
  await expect.poll(stateOf, { interval: 1 }).toBe(state);
}

test("hello, accepted, assignments, and the statuses that come of it", async () => {
  const { agent, clock, events, session } = await setup();
  const first = await session(0);
  expect(first.received).toEqual([{ type: "hello", nodeId: id("node1"), description }]);
  first.accept([testTask()], [peer("m1"), peer("m2")]);
  await untilState(agent, id("task1"), "running");
  await clock.advance(50);
  expect(reports(first.received)).toEqual(["1: task1 running"]);
  expect(agent.managers()).toEqual([peer("m1"), peer("m2")]);
  expect(events.filter((event) => event.type !== "task:status")).toEqual([
    { type: "session:opened", manager: peer("m0"), sessionId: "session1" },
    { type: "managers:changed", managers: [peer("m1"), peer("m2")] },
  ]);
});

test("a complete set in several messages counts once the last is there", async () => {
  const { agent, session } = await setup();
  const [a, b] = [testTask({ id: id("a") }), testTask({ id: id("b") })];
  const first = await session(0);
  first.accept([a, b]);
  await untilState(agent, a.id, "running");
  await untilState(agent, b.id, "running");
  const c = testTask({ id: id("c") });
  first.send({ type: "assignments", mode: "complete", tasks: [a], more: true });
  await settle();
  expect(agent.taskStatuses().map(({ taskId }) => taskId)).toEqual([a.id, b.id]);
  first.send({ type: "assignments", mode: "complete", tasks: [c] });
  await untilState(agent, c.id, "running");
  expect(agent.taskStatuses().map(({ taskId }) => taskId)).toEqual([a.id, c.id]);
});

test("changes in the midst of a complete set end the session, and what came of it counts for nothing", async () => {
  const { agent, session } = await setup();
  const first = await session(0);
  const [a, b] = [testTask({ id: id("a") }), testTask({ id: id("b") })];
  first.accept([a]);
  await untilState(agent, a.id, "running");
  first.send({ type: "assignments", mode: "complete", tasks: [b], more: true });
  first.send({ type: "assignments", mode: "incremental", tasks: [b], removedTaskIds: [a.id] });
  (await session(1)).accept([a]);
  await settle();
  expect(first.isOpen()).toBe(false);
  expect(agent.taskStatuses().map(({ taskId }) => taskId)).toEqual([a.id]);
});

test("an image without an executor is rejected", async () => {
  const { agent, session } = await setup();
  (await session(0)).accept([testTask({}, { image: "nginx" })]);
  await untilState(agent, id("task1"), "rejected");
  expect(agent.taskStatuses()[0]!.status.error).toBe(
    'this node has no container engine: image "nginx" cannot run here; ' +
      'use the image name "process" to run a command on the node itself',
  );
});

test("when its manager dies, the agent is with another one without any pause", async () => {
  const { clock, fake, events, session } = await setup();
  (await session(0)).accept();
  await settle();
  fake.sessions[0]!.cut();
  (await session(1)).accept();
  await settle();
  expect(fake.dialled).toEqual([id("m0"), id("m1")]);
  expect(clock.now()).toBe(1_000_000);
  expect(events.map(({ type }) => type)).toEqual([
    "session:opened",
    "session:lost",
    "session:opened",
  ]);
});

test("attempts that fail: one at once, then with growing pauses", async () => {
  const { clock, fake } = await setup();
  fake.broken.set(id("m0"), "refuse").set(id("m1"), "refuse");
  fake.sessions[0]?.close();
  await settle();
  expect(fake.dialled.length).toBeGreaterThanOrEqual(2);
  fake.dialled.length = 0;
  await clock.advance(50 + 100 + 200 + 400);
  expect(fake.dialled).toHaveLength(4);
});

test("a manager that hangs is given up after five seconds", async () => {
  const { clock, fake, session } = await setup({
    initialManagers: () => [peer("m0"), peer("m1")],
    random: () => 0,
  });
  const first = await session(0);
  await clock.advance(5_000);
  expect(first.isOpen()).toBe(false);
  fake.broken.set(id("m0"), "hang");
  await session(1);
  fake.sessions[1]!.cut();
  await clock.advance(20_000);
  expect(fake.dialled.slice(0, 3)).toEqual([id("m0"), id("m1"), id("m0")]);
  expect(fake.dialled.length).toBeGreaterThan(3);
});

test("a refusal leads to the next manager, a fatal one to the longest pause", async () => {
  const { clock, fake, events, session } = await setup();
  (await session(0)).send({ type: "refused", fatal: false, reason: "no leader" });
  (await session(1)).send({ type: "refused", fatal: true, reason: "node removed" });
  await settle();
  await clock.advance(7_999);
  expect(fake.dialled).toEqual([id("m0"), id("m1")]);
  await clock.advance(1);
  expect(fake.dialled).toHaveLength(3);
  expect(events).toEqual([
    { type: "session:refused", manager: peer("m0"), fatal: false, reason: "no leader" },
    { type: "session:refused", manager: peer("m1"), fatal: true, reason: "node removed" },
  ]);
});

test("only a complete set of an accepted session removes tasks", async () => {
  const { agent, controllers, directory, events, session } = await setup();
  const first = await session(0);
  first.accept([testTask({ id: id("a") }), testTask({ id: id("b") })]);
  await untilState(agent, id("a"), "running");
  await untilState(agent, id("b"), "running");
  first.cut();
  const second = await session(1);
  second.send({ type: "accepted", sessionId: "s2", managers: [] });
  await settle();
  expect(agent.taskStatuses()).toHaveLength(2);
  second.send({ type: "assignments", mode: "complete", tasks: [testTask({ id: id("b") })] });
  await expect
    .poll(() => events.at(-1), { interval: 1 })
    .toEqual({ type: "task:removed", taskId: id("a") });
  expect(controllers.get(id("a"))!.calls.slice(-2)).toEqual(["shutdown", "remove"]);
  expect(controllers.get(id("b"))!.calls).toEqual(["prepare", "start", "wait"]);
  expect(await readdir(join(directory, "tasks"))).toEqual([id("b")]);
});

test.each([
  [
    "incremental",
    { type: "assignments", mode: "incremental", tasks: [], removedTaskIds: [id("a")] },
  ],
  ["complete", { type: "assignments", mode: "complete", tasks: [] }],
] as const)("an %s set in the wrong place ends the session, not the tasks", async (mode, set) => {
  const { agent, clock, controllers, session } = await setup();
  const first = await session(0);
  first.accept([testTask({ id: id("a") })]);
  await untilState(agent, id("a"), "running");
  first.cut();
  const second = await session(1);
  if (mode === "incremental") second.send({ type: "accepted", sessionId: "s2", managers: [] });
  second.send(set);
  await clock.advance(100);
  await session(2);
  expect(second.isOpen()).toBe(false);
  expect(controllers.get(id("a"))!.calls).toEqual(["prepare", "start", "wait"]);
});

test("incremental sets add, change and remove", async () => {
  const { agent, controllers, session } = await setup();
  const first = await session(0);
  first.accept([testTask({ id: id("a") }), testTask({ id: id("b") })]);
  await untilState(agent, id("b"), "running");
  const changed = testTask({ id: id("a"), version: 2, desiredState: "shutdown" });
  first.send({
    type: "assignments",
    mode: "incremental",
    tasks: [changed, testTask({ id: id("c") })],
    removedTaskIds: [id("b"), id("unknown")],
  });
  await untilState(agent, id("a"), "shutdown");
  await untilState(agent, id("c"), "running");
  await expect.poll(() => controllers.get(id("b"))!.calls.at(-1), { interval: 1 }).toBe("remove");
  expect(agent.taskStatuses().map(({ taskId }) => taskId)).toEqual([id("a"), id("c")]);
});

test("reports go again to the next manager until they are acknowledged", async () => {
  const { agent, clock, session } = await setup();
  const first = await session(0);
  first.accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  await clock.advance(50);
  first.cut();
  const second = await session(1);
  second.accept([testTask()]);
  await settle();
  expect(reports(second.received)).toEqual(["1: task1 running"]);
  await clock.advance(1_000);
  second.send({ type: "status-acknowledged", sequence: 1 });
  await settle();
  second.cut();
  const third = await session(2);
  third.accept([testTask({ status: agent.taskStatuses()[0]!.status })]);
  await settle();
  expect(reports(third.received)).toEqual([]);
});

test("a status that the managers have lost is reported again", async () => {
  const { agent, clock, session } = await setup();
  const first = await session(0);
  first.accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  await clock.advance(50);
  first.send({ type: "status-acknowledged", sequence: 1 });
  await settle();
  first.cut();
  const second = await session(1);
  second.accept([testTask()]);
  await clock.advance(50);
  expect(reports(second.received)).toEqual(["1: task1 running"]);
});

test("stop with tasks: bye, and every task is stopped", async () => {
  const { agent, controllers, session } = await setup();
  const first = await session(0);
  first.accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  await agent.stop({ tasks: "stop" });
  expect(first.received.at(-1)).toEqual({ type: "bye" });
  expect(first.isOpen()).toBe(false);
  expect(controllers.get(id("task1"))!.calls.slice(-2)).toEqual(["shutdown", "release"]);
});

test("stop that leaves tasks running says nothing; the next agent goes on with them", async () => {
  const { agent, controllers, directory, session } = await setup();
  const first = await session(0);
  first.accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  await agent.stop({ tasks: "leave-running" });
  expect(first.received.map(({ type }) => type)).not.toContain("bye");
  expect(controllers.get(id("task1"))!.calls).toEqual(["prepare", "start", "wait", "release"]);
  const next = await setup({ directory });
  await untilState(next.agent, id("task1"), "running");
  await expect
    .poll(() => next.controllers.get(id("task1"))?.calls, { interval: 1 })
    .toEqual(["wait"]);
  next.controllers.get(id("task1"))!.exit(4);
  await untilState(next.agent, id("task1"), "failed");
  (await next.session(0)).accept([testTask()]);
  await settle();
  expect(reports(next.fake.sessions[0]!.received)).toEqual(["1: task1 failed"]);
});

test("what a manager sends that is no message ends the session only", async () => {
  const { agent, session } = await setup();
  const first = await session(0);
  first.accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  first.sendRaw(Uint8Array.of(0xff, 0x00, 0xff));
  (await session(1)).accept([testTask()]);
  await settle();
  expect(agent.taskStatuses()[0]!.status.state).toBe("running");
});

test("tasks beyond the limit are rejected", async () => {
  const { agent, clock, session } = await setup({ tasksMax: 1 });
  const first = await session(0);
  first.accept([testTask({ id: id("a") }), testTask({ id: id("b") })]);
  await untilState(agent, id("a"), "running");
  await clock.advance(50);
  expect(reports(first.received)).toEqual(["1: b rejected", "2: a running"]);
});

test("the description is sent when it has changed", async () => {
  let labels: Record<string, string> = {};
  const describe = (): typeof description => ({
    ...description,
    engine: { ...description.engine, labels },
  });
  const { clock, session } = await setup({ describe });
  const first = await session(0);
  first.accept();
  await clock.advance(20_000);
  expect(first.received).toHaveLength(1);
  labels = { zone: "a" };
  await clock.advance(20_000);
  expect(first.received.at(-1)).toEqual({ type: "description", description: describe() });
});

test("a manager known to be dead is left before the connection notices", async () => {
  const { agent, fake, session } = await setup();
  (await session(0)).accept();
  await settle();
  agent.leaveManager(id("m1"));
  await settle();
  expect(fake.sessions[0]!.isOpen()).toBe(true);
  agent.leaveManager(id("m0"));
  await session(1);
  expect(fake.dialled).toEqual([id("m0"), id("m1")]);
});

test("logs of a task, and of none", async () => {
  const { agent, session } = await setup();
  (await session(0)).accept([testTask()]);
  await untilState(agent, id("task1"), "running");
  const options = {
    stdout: true,
    stderr: true,
    follow: false,
    signal: new AbortController().signal,
  };
  const lines = await collectAll(agent.taskLogs(id("task1"), options));
  expect(lines.map(({ text }) => Buffer.from(text).toString())).toEqual(["line"]);
  await expect(collectAll(agent.taskLogs("other", options))).rejects.toMatchObject({
    code: "task-unknown",
  });
});

test("a task that no executor takes has an empty log", async () => {
  const { agent, session } = await setup();
  (await session(0)).accept([testTask({}, { image: "nginx" })]);
  await untilState(agent, id("task1"), "rejected");
  const { signal } = new AbortController();
  const options = { stdout: true, stderr: true, follow: true, signal };
  expect(await collectAll(agent.taskLogs(id("task1"), options))).toEqual([]);
});

test("what executors hold and nobody knows of is cleared, but only after a complete set", async () => {
  const discarded: string[] = [];
  const executor: Executor = {
    name: "process",
    supports: () => true,
    controller: () => Promise.resolve(createScriptedController()),
    heldTaskIds: () => Promise.resolve([id("task1"), "ghost"]),
    discard: (taskId) => {
      discarded.push(taskId);
      return Promise.resolve();
    },
  };
  const { session } = await setup({ executors: [executor] });
  const first = await session(0);
  expect(discarded).toEqual([]);
  first.accept([testTask()]);
  await expect.poll(() => discarded, { interval: 1 }).toEqual(["ghost"]);
});

test("a leftover that cannot be cleared is tried again, and does not hold up the others", async () => {
  const tries: string[] = [];
  const executor: Executor = {
    name: "process",
    supports: () => true,
    controller: () => Promise.resolve(createScriptedController()),
    heldTaskIds: () => Promise.resolve(["stuck", "ghost"]),
    discard: (taskId) => {
      tries.push(taskId);
      return taskId === "stuck" ? Promise.reject(new Error("busy")) : Promise.resolve();
    },
  };
  const { session } = await setup({ executors: [executor] });
  const first = await session(0);
  first.accept();
  await expect.poll(() => tries, { interval: 1 }).toEqual(["stuck", "ghost"]);
  await settle();
  first.send({ type: "assignments", mode: "complete", tasks: [] });
  await expect.poll(() => tries.slice(2), { interval: 1 }).toContain("stuck");
});

test("options are checked, and an agent starts once", async () => {
  const { agent } = await setup();
  await expect(agent.start()).rejects.toMatchObject({ code: "not-running" });
  await expect(setup({ nodeId: "" })).rejects.toMatchObject({ code: "options-invalid" });
  await expect(setup({ tasksMax: 0 })).rejects.toMatchObject({ code: "options-invalid" });
});

test("a listener that throws harms nobody", async () => {
  const { agent, session } = await setup();
  agent.subscribe(() => {
    throw new Error("listener");
  });
  (await session(0)).accept([testTask()]);
  await untilState(agent, id("task1"), "running");
});

test("a manager that accepts and hangs up does not keep the agent spinning", async () => {
  const { clock, fake, session } = await setup();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const next = await session(attempt);
    next.accept();
    await settle();
    next.cut();
  }
  await settle();
  expect(fake.sessions).toHaveLength(2);
  await clock.advance(50);
  expect(fake.sessions).toHaveLength(3);
});

test("functions of the owner that throw do not end the search for a manager", async () => {
  let broken = true;
  const { clock, session } = await setup({
    describe: () => {
      if (broken) throw new Error("no description");
      return description;
    },
  });
  await settle();
  broken = false;
  await clock.advance(500);
  expect((await session(0)).received).toHaveLength(1);
});
