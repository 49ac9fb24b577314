import { afterEach, beforeEach, expect, test } from "vitest";
import { type Engine, filters, openEngine } from "../support/engine.ts";
import { addTasks, serviceSpec, taskDraft } from "../support/samples.ts";
import { BEE, idOf, QUEEN } from "../support/swarm.ts";

let engine: Engine;
let web: string;

beforeEach(async () => {
  engine = await openEngine({ now: () => 1_795_000_000_460 });
  const { id } = await engine.swarm.control.createService({ spec: serviceSpec() });
  web = id;
});

afterEach(() => engine.close());

async function found(filter: unknown): Promise<string[]> {
  const answer = await engine.call("GET", `/v1.50/tasks?${filters(filter)}`);
  expect(answer.status, answer.text).toBe(200);
  const tasks = answer.json as { readonly ID: string }[];
  return tasks.map((task) => task.ID.replace(/0+$/, ""));
}

test("a task, by id, name and start of the id", async () => {
  const spec = serviceSpec().task;
  await addTasks(
    engine.swarm.store,
    taskDraft("one", web, {
      spec,
      status: {
        state: "failed",
        timestampMs: 1_795_000_000_460,
        appliedAtMs: 1_795_000_000_999,
        message: "started",
        error: "task: non-zero exit (1)",
        container: { containerId: "c", pid: 7, exitCode: 1 },
      },
    }),
  );
  const shown = {
    ID: idOf("one"),
    CreatedAt: "2026-11-18T11:06:40.46Z",
    Labels: {},
    Spec: { ContainerSpec: { Image: "process:latest" }, ForceUpdate: 0 },
    ServiceID: web,
    Slot: 1,
    NodeID: BEE,
    Status: {
      Timestamp: "2026-11-18T11:06:40.46Z",
      State: "failed",
      Message: "started",
      Err: "task: non-zero exit (1)",
      ContainerStatus: { ContainerID: "c", PID: 7, ExitCode: 1 },
      PortStatus: {},
    },
    DesiredState: "running",
    Volumes: null,
  };
  for (const path of [idOf("one"), `web.1.${idOf("one")}`, "on"]) {
    const answer = await engine.call("GET", `/v1.50/tasks/${path}`);
    expect(answer.json).toMatchObject(shown);
    expect(answer.text).not.toContain('"Runtime"');
  }
  const missing = await engine.call("GET", "/tasks/x");
  expect(missing).toMatchObject({ status: 404, json: { message: "task x not found" } });
});

test("a task without a node shows none, and a time that is out of its mind does not hide it", async () => {
  const { status } = taskDraft("one", web);
  await addTasks(
    engine.swarm.store,
    taskDraft("one", web, {
      nodeId: "",
      status: { ...status, state: "pending", timestampMs: 1e300 },
    }),
  );
  const answer = await engine.call("GET", "/tasks/one");
  expect(answer.text).not.toContain("NodeID");
  expect(answer.json).toMatchObject({ Status: { Timestamp: "9999-12-31T23:59:59.999Z" } });
});

test("filters", async () => {
  await addTasks(
    engine.swarm.store,
    taskDraft("one", web),
    taskDraft("two", web, { slot: 2, nodeId: QUEEN, desiredState: "shutdown" }),
    taskDraft("gone", idOf("gone"), { service: { name: "old", labels: { stack: "s" } } }),
  );
  expect(await found({ service: { web: true } })).toEqual(["one", "two"]);
  expect(await found({ service: { [web]: true }, "desired-state": { running: true } })).toEqual([
    "one",
  ]);
  expect(await found({ node: { queen: true } })).toEqual(["two"]);
  expect(await found({ node: { queen: true, bee: true }, service: ["web"] })).toEqual([
    "one",
    "two",
  ]);
  expect(await found({ id: { tw: true } })).toEqual(["two"]);
  expect(await found({ name: { "web.2": true } })).toEqual(["two"]);
  expect(await found({ label: { "stack=s": true } })).toEqual(["gone"]);
  expect(await found({ "desired-state": { allocated: true } })).toEqual([]);
  expect(await found({ runtime: { container: true }, id: ["one"] })).toEqual(["one"]);
});

test.each([
  [{ service: { none: true } }, 404, "service none not found"],
  [{ node: { none: true } }, 404, "node none not found"],
  [{ node: { "": true } }, 404, "node  not found"],
  [{ "desired-state": { bogus: true } }, 500, "Invalid desired-state filter: 'bogus'"],
  [{ bogus: { a: true } }, 400, "invalid filter 'bogus'"],
])("the filter %j is refused", async (filter, status, message) => {
  const answer = await engine.call("GET", `/tasks?${filters(filter)}`);
  expect(answer).toMatchObject({ status, json: { message } });
});

test("up to date is what is as the service wants it now", async () => {
  const changed = { ...serviceSpec().task, forceUpdate: 1 };
  await addTasks(
    engine.swarm.store,
    taskDraft("made", web, { specVersion: 1 }),
    taskDraft("same", web, { specVersion: 7 }),
    taskDraft("old", web, { specVersion: 7, spec: changed }),
    taskDraft("gone", idOf("gone")),
  );
  expect(await found({ "_up-to-date": { true: true } })).toEqual(["made", "same"]);
  expect(await found({ "_up-to-date": { false: true }, service: { web: true } })).toEqual(["old"]);
});
