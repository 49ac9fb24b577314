import type { Service, UpdateConfig } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { isTaskDirty } from "../../src/planner/task-dirt.ts";
import { createUpdater } from "../../src/planner/updater.ts";
import {
  createIds,
  FakeState,
  makeNode,
  makeService,
  makeTask,
  taskSpec,
  updateConfig,
} from "./fixtures.ts";

const next = { ...taskSpec, forceUpdate: 1 };

/** A service of `replicas` running tasks whose spec has just changed. */
function setup(replicas: number, config: Partial<UpdateConfig> = {}, rest: Partial<Service> = {}) {
  const update = { ...updateConfig, ...config };
  const previousSpec = makeService("web", replicas, { update }).spec;
  const fields = { specVersion: 2, previousSpec, previousSpecVersion: 1, ...rest };
  const state = new FakeState(
    makeNode("n1"),
    makeService("web", replicas, { task: next, update }, fields),
  );
  for (let slot = 1; slot <= replicas; slot++) state.put(makeTask(`a${slot}`, slot));
  const updater = createUpdater({ newId: createIds() });
  const run = (laterMs = 0) => {
    state.nowMs += laterMs;
    return state.run(updater);
  };
  /** The new task of the slot gets to `taskState`. */
  const reach = (id: string, taskState: "running" | "failed" | "rejected") => {
    state.put({ ...state.task(id), nodeId: "n1", desiredState: "running" });
    state.setState(id, taskState);
  };
  const live = () =>
    state
      .summary()
      .filter((line) => !line.includes("shutdown"))
      .map((line) => line.split(" ").slice(0, 3).join(" "));
  return { state, run, reach, live, status: () => state.get("service", "web")!.updateStatus };
}

describe("what makes a task dirty", () => {
  const task = makeTask("a", 1);
  const placed = (constraints: string[]) => ({
    ...taskSpec,
    placement: { ...taskSpec.placement, constraints },
  });
  it.each([
    ["nothing", {}, false],
    ["scale", { mode: { type: "replicated", replicas: 9 } }, false],
    ["labels and update settings", { labels: { a: "b" }, update: updateConfig }, false],
    ["an equal spec in another object", { task: structuredClone(taskSpec) }, false],
    ["forceUpdate", { task: next }, true],
    [
      "an argument",
      { task: { ...taskSpec, container: { ...taskSpec.container, args: ["2"] } } },
      true,
    ],
    [
      "one argument more",
      { task: { ...taskSpec, container: { ...taskSpec.container, args: ["1", "2"] } } },
      true,
    ],
    ["a constraint that the node meets", { task: placed(["node.id == n1"]) }, false],
    ["a constraint that the node does not meet", { task: placed(["node.id != n1"]) }, true],
    ["constraint and more", { task: { ...placed(["node.id == n1"]), forceUpdate: 1 } }, true],
  ] as const)("%s", (_, spec, dirty) => {
    const service = makeService("web", 1, spec, { specVersion: 2 });
    expect(isTaskDirty(service, task, makeNode("n1"))).toBe(dirty);
  });
});

describe("rolling update", () => {
  it("goes slot by slot, stop-first, and completes after the watch", () => {
    const { state, run, reach, live, status } = setup(2);
    run();
    expect(status()).toMatchObject({
      state: "updating",
      message: "update in progress",
      startedAtMs: state.nowMs,
    });
    expect(live()).toEqual(["a2 2 running", "t000001 1 ready"]);
    expect(state.task("a1").desiredState).toBe("shutdown");
    expect(state.task("t000001").specVersion).toBe(2);
    expect(run(60_000).changes).toEqual([]);
    reach("t000001", "running");
    run();
    expect(live()).toEqual(["t000001 1 running", "t000002 2 ready"]);
    reach("t000002", "running");
    expect(run().wakeAtMs).toBe(state.nowMs + 5_000);
    run(4_999);
    expect(status()!.state).toBe("updating");
    run(1);
    expect(status()).toMatchObject({
      state: "completed",
      message: "update completed",
      completedAtMs: state.nowMs,
    });
  });

  it("waits for the delay between slots, and takes broken slots first", () => {
    const { state, run, reach, live } = setup(3, { delayMs: 10_000 });
    state.setState("a3", "starting");
    run();
    expect(live()).toEqual(["a1 1 running", "a2 2 running", "t000001 3 ready"]);
    reach("t000001", "running");
    expect(run().wakeAtMs).toBe(state.nowMs + 10_000);
    run(9_999);
    expect(live()).toHaveLength(3);
    expect(live()).toContain("a1 1 running");
    run(1);
    expect(live()).toContain("t000002 1 ready");
  });

  it.each([
    [2, 2],
    [0, 5],
  ])("parallelism %i begins with %i slots", (parallelism, begun) => {
    const { run, live } = setup(5, { parallelism });
    run();
    expect(live().filter((line) => line.startsWith("t"))).toHaveLength(begun);
  });

  it("start-first keeps the old task until the new one runs", () => {
    const { run, reach, live } = setup(1, { order: "start-first" });
    run();
    expect(live()).toEqual(["a1 1 running", "t000001 1 running"]);
    reach("t000001", "running");
    run();
    expect(live()).toEqual(["t000001 1 running"]);
  });

  it("start-first with `continue` tries again after the restart delay", () => {
    const { state, run, reach } = setup(1, { order: "start-first", failureAction: "continue" });
    run();
    reach("t000001", "failed");
    state.put({ ...state.task("t000001"), desiredState: "shutdown" });
    run();
    expect(state.task("t000002")).toMatchObject({
      desiredState: "ready",
      startAfterMs: state.nowMs + 5_000,
    });
  });

  it("also replaces slots that had given up", () => {
    const { state, run, live } = setup(1);
    const once = { ...taskSpec, restart: { ...taskSpec.restart, condition: "none" as const } };
    state.put({ ...state.task("a1"), spec: once, desiredState: "shutdown" });
    state.setState("a1", "failed");
    run();
    expect(live()).toEqual(["t000001 1 running"]);
  });

  it("gives tasks that may stay the new version, and starts no update for them", () => {
    const { state, run, status } = setup(2);
    const service = state.get("service", "web")!;
    state.put({ ...service, spec: { ...service.spec, task: structuredClone(taskSpec) } });
    run();
    expect(status()).toBeUndefined();
    expect(state.summary()).toEqual(["a1 1 running running n1", "a2 2 running running n1"]);
    expect([state.task("a1").specVersion, state.task("a2").specVersion]).toEqual([2, 2]);
  });

  it("leaves tasks of an earlier update and of removed slots out of account", () => {
    const { state, run, status } = setup(1);
    state.put(
      makeTask("old", 1, { spec: next, specVersion: 2, desiredState: "shutdown", state: "failed" }),
    );
    run();
    expect(status()!.state).toBe("updating");
    state.put({ ...state.task("t000001"), desiredState: "remove" });
    state.put({ ...state.get("service", "web")!, spec: makeService("web", 0).spec });
    run(1);
    expect(status()!.state).toBe("completed");
  });
});

describe("an update that is disturbed", () => {
  const drained = { ...makeNode("n2").spec, availability: "drain" } as const;

  it("queues a slot again whose new task was lost beside the old one, within `parallelism`", () => {
    const { state, run, live } = setup(3, { order: "start-first" });
    run();
    state.put(makeNode("n2", { spec: drained }));
    state.put({ ...state.task("t000001"), nodeId: "n2", desiredState: "shutdown" });
    state.setState("t000001", "running");
    run();
    expect(live()).toEqual(["a1 1 running", "a2 2 running", "a3 3 running", "t000002 1 running"]);
    state.setState("t000001", "shutdown");
    expect(run().changes).toEqual([]);
  });

  it("counts a slot as down until the successor of an interrupted task runs", () => {
    const { state, run, reach, live } = setup(3);
    run();
    reach("t000001", "running");
    state.put({ ...state.task("t000001"), desiredState: "shutdown" });
    state.put(
      makeTask("again", 1, {
        spec: next,
        specVersion: 2,
        state: "new",
        nodeId: "",
        createdAtMs: state.nowMs,
      }),
    );
    expect(run().changes).toEqual([]);
    reach("again", "running");
    run();
    expect(live()).toContain("t000002 2 ready");
  });

  it("leaves slots that had given up alone while it is paused", () => {
    const updateStatus = {
      state: "paused",
      startedAtMs: 1,
      completedAtMs: undefined,
      message: "",
    } as const;
    const { state, run } = setup(1, {}, { updateStatus });
    const once = { ...taskSpec, restart: { ...taskSpec.restart, condition: "none" as const } };
    state.put({ ...state.task("a1"), spec: once, desiredState: "shutdown" });
    state.setState("a1", "failed");
    expect(run().changes).toEqual([]);
  });
});

describe("a failed update", () => {
  const text = "due to failure or early termination of task t000001";

  it.each(["failed", "rejected"] as const)(
    "pauses when a new task is %s, and rests",
    (taskState) => {
      const { run, reach, status } = setup(3);
      run();
      reach("t000001", taskState);
      run();
      expect(status()).toMatchObject({
        state: "paused",
        message: `update paused ${text}`,
        completedAtMs: undefined,
      });
      expect(run(100_000).changes).toEqual([]);
    },
  );

  it("goes on with `continue`, and below the ratio", () => {
    for (const config of [{ failureAction: "continue" }, { maxFailureRatio: 0.5 }] as const) {
      const { run, reach, live, status } = setup(2, config);
      run();
      reach("t000001", "failed");
      run();
      expect(status()!.state).toBe("updating");
      expect(live()).toContain("t000002 2 ready");
      reach("t000002", "failed");
      run();
      expect(status()!.state).toBe("maxFailureRatio" in config ? "paused" : "updating");
    }
  });

  it("rolls back to the previous spec with its rollback settings", () => {
    const { state, run, reach, live, status } = setup(2, { failureAction: "rollback" });
    run();
    reach("t000001", "failed");
    run();
    const service = state.get("service", "web")!;
    expect(service).toMatchObject({
      specVersion: 3,
      previousSpec: undefined,
      spec: { task: taskSpec },
    });
    expect(status()).toMatchObject({
      state: "rollback-started",
      message: `update rolled back ${text}`,
    });
    expect(live()).toEqual(["a2 2 running", "t000002 1 ready"]);
    expect(state.task("a2").specVersion).toBe(3);
    reach("t000002", "running");
    run(5_000);
    run(5_000);
    expect(status()).toMatchObject({ state: "rollback-completed", message: "rollback completed" });
  });

  it("pauses instead when there is no previous spec, and pauses a rollback that fails", () => {
    const none = setup(1, { failureAction: "rollback" }, { previousSpec: undefined });
    none.run();
    none.reach("t000001", "failed");
    none.run();
    expect(none.status()).toMatchObject({ state: "paused", message: `update paused ${text}` });
    const updateStatus = {
      state: "rollback-started",
      startedAtMs: 1,
      completedAtMs: undefined,
      message: "",
    } as const;
    const rolling = setup(1, { failureAction: "rollback" }, { updateStatus });
    rolling.run();
    rolling.reach("t000001", "failed");
    rolling.run();
    expect(rolling.status()).toMatchObject({
      state: "rollback-paused",
      message: `rollback paused ${text}`,
    });
  });
});
