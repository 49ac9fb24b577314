import type { TaskState } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { createOrchestrator } from "../../src/planner/orchestrator.ts";
import { createReaper } from "../../src/planner/reaper.ts";
import { createIds, FakeState, makeNode, makeService, makeTask, taskSpec } from "./fixtures.ts";

const orchestrator = () => createOrchestrator({ newId: createIds() });
const down = { status: { state: "down", message: "", address: "" } } as const;
const restart = (changes: Partial<typeof taskSpec.restart>) => ({
  ...taskSpec,
  restart: { ...taskSpec.restart, ...changes },
});

describe("replicas", () => {
  it("creates what is missing, at the lowest free slots", () => {
    const state = new FakeState(makeNode("n1"), makeService("web", 3), makeTask("a", 2));
    state.run(orchestrator());
    expect(state.summary()).toEqual([
      "a 2 running running n1",
      "t000001 1 running new -",
      "t000002 3 running new -",
    ]);
    expect(state.task("t000001").status.message).toBe("created");
  });

  it("scales down the second copies on a node first, then what does not run, then high slots", () => {
    const state = new FakeState(
      makeNode("n1"),
      makeNode("n2"),
      makeNode("n3"),
      makeService("web", 3),
      makeTask("a", 1),
      makeTask("b", 2),
      makeTask("c", 3, { nodeId: "n2", state: "starting" }),
      makeTask("d", 4, { nodeId: "n3" }),
      makeTask("e", 5, { nodeId: "", state: "pending" }),
    );
    state.run(orchestrator());
    expect(state.summary().filter((line) => line.includes("remove"))).toEqual([
      "b 2 remove running n1",
      "e 5 remove pending -",
    ]);
    state.put({ ...state.get("service", "web")!, spec: makeService("web", 1).spec });
    state.run(orchestrator());
    expect(state.summary().filter((line) => !line.includes("remove"))).toEqual([
      "a 1 running running n1",
    ]);
  });

  it("marks the tasks of a removed service, and the history of a slot scaled away", () => {
    const gone = new FakeState(
      makeNode("n1"),
      makeTask("a", 1),
      makeTask("b", 1, { desiredState: "shutdown" }),
    );
    gone.run(orchestrator());
    expect(gone.summary()).toEqual(["a 1 remove running n1", "b 1 remove running n1"]);
    const scaled = new FakeState(
      makeNode("n1"),
      makeService("web", 1),
      makeTask("a", 1),
      makeTask("b", 2, { desiredState: "shutdown", state: "failed" }),
    );
    scaled.run(orchestrator());
    expect(scaled.summary()).toEqual(["a 1 running running n1", "b 2 remove failed n1"]);
  });

  it("plans nothing for a swarm at rest, whatever a new leader does not know of the nodes yet", () => {
    for (const nodeState of ["ready", "unknown", "disconnected"] as const) {
      const status = { state: nodeState, message: "", address: "" };
      const state = new FakeState(
        makeNode("n1", { status }),
        makeService("web", 2),
        makeTask("a", 1),
        makeTask("b", 2, { state: "starting" }),
      );
      expect(orchestrator().plan(state, state.nowMs).changes).toEqual([]);
    }
  });

  it("looks only at services that the changed objects touch", () => {
    const state = new FakeState(
      makeNode("n1", down),
      makeService("web", 1),
      makeService("db", 1),
      makeTask("a", 1),
    );
    const none = new Set<string>();
    const groupsFor = (dirty: { services?: Set<string>; nodes?: Set<string> }) =>
      orchestrator()
        .plan(state, 0, { services: none, nodes: none, tasks: none, ...dirty })
        .changes.map((change) => change.group);
    expect(groupsFor({})).toEqual([]);
    expect(groupsFor({ services: new Set(["db"]) })).toEqual(["db/1"]);
    expect(groupsFor({ nodes: new Set(["n1"]) })).toEqual(["web/1", "web/1"]);
  });
});

describe("restart", () => {
  it("follows a failed task in its slot after the delay", () => {
    const state = new FakeState(
      makeNode("n1"),
      makeService("web", 1),
      makeTask("a", 1, { state: "failed" }),
    );
    const plan = state.run(orchestrator());
    expect(plan.wakeAtMs).toBe(state.nowMs + 5_000);
    expect(state.summary()).toEqual(["a 1 shutdown failed n1", "t000001 1 ready new -"]);
    expect(state.task("t000001").startAfterMs).toBe(state.nowMs + 5_000);
    state.nowMs += 4_999;
    expect(state.run(orchestrator()).changes).toEqual([]);
    state.nowMs += 1;
    state.run(orchestrator());
    expect(state.summary()[1]).toBe("t000001 1 running new -");
    expect(state.task("t000001").startAfterMs).toBeUndefined();
  });

  it("follows a task that is refused while it waits when its delay is over, not at once", () => {
    const state = new FakeState(
      makeNode("n1"),
      makeService("web", 1),
      makeTask("a", 1, { state: "rejected" }),
    );
    state.run(orchestrator());
    const second = state.task("t000001");
    state.put({
      ...second,
      nodeId: "n1",
      status: { ...second.status, state: "rejected", appliedAtMs: state.nowMs },
    });
    const plan = state.run(orchestrator());
    expect(plan.changes).toEqual([]);
    expect(plan.wakeAtMs).toBe(state.nowMs + 5_000);
    state.nowMs += 5_000;
    state.run(createOrchestrator({ newId: () => "third" }));
    expect(state.summary()).toEqual([
      "a 1 shutdown rejected n1",
      "t000001 1 shutdown rejected n1",
      "third 1 ready new -",
    ]);
    expect(state.task("third").startAfterMs).toBe(state.nowMs + 5_000);
  });

  it.each<[string, Parameters<typeof restart>[0], TaskState, boolean]>([
    ["any, complete", { condition: "any" }, "complete", true],
    ["any, rejected", { condition: "any" }, "rejected", true],
    ["on-failure, complete", { condition: "on-failure" }, "complete", false],
    ["on-failure, failed", { condition: "on-failure" }, "failed", true],
    ["none, failed", { condition: "none" }, "failed", false],
    ["none, orphaned", { condition: "none" }, "orphaned", false],
    ["on-failure, orphaned", { condition: "on-failure" }, "orphaned", true],
  ])("%s", (_, policy, taskState, restarted) => {
    const spec = restart(policy);
    const state = new FakeState(
      makeNode("n1"),
      makeService("web", 1, { task: spec }),
      makeTask("a", 1, { spec, state: taskState }),
    );
    state.run(orchestrator());
    expect(state.task("a").desiredState).toBe("shutdown");
    expect(state.summary()).toHaveLength(restarted ? 2 : 1);
  });

  it("gives up after maxAttempts, counts the window, and not other versions or tasks that were stopped", () => {
    const scenario = (windowMs: number, history: [TaskState, number, number][]) => {
      const spec = restart({ maxAttempts: 2, windowMs });
      const state = new FakeState(makeNode("n1"), makeService("web", 1, { task: spec }));
      history.forEach(([taskState, appliedAtMs, specVersion], at) => {
        const { status } = makeTask("", 1, { state: taskState });
        const desiredState = at === history.length - 1 ? "running" : "shutdown";
        state.put(
          makeTask(`a${at}`, 1, {
            spec,
            specVersion,
            desiredState,
            createdAtMs: at,
            status: { ...status, appliedAtMs },
          }),
        );
      });
      state.run(orchestrator());
      return [...state.tasksOfService("web")].some((task) => task.desiredState === "ready");
    };
    expect(
      scenario(0, [
        ["failed", 1, 1],
        ["failed", 2, 1],
      ]),
    ).toBe(true);
    expect(
      scenario(0, [
        ["failed", 1, 1],
        ["failed", 2, 1],
        ["failed", 3, 1],
      ]),
    ).toBe(false);
    expect(
      scenario(0, [
        ["failed", 1, 0],
        ["failed", 2, 1],
        ["failed", 3, 1],
      ]),
    ).toBe(true);
    expect(
      scenario(0, [
        ["shutdown", 1, 1],
        ["failed", 2, 1],
        ["failed", 3, 1],
      ]),
    ).toBe(true);
    expect(
      scenario(50, [
        ["failed", 1, 1],
        ["failed", 90, 1],
        ["failed", 100, 1],
      ]),
    ).toBe(true);
    expect(
      scenario(50, [
        ["failed", 80, 1],
        ["failed", 90, 1],
        ["failed", 100, 1],
      ]),
    ).toBe(false);
  });

  it("restarts with the task's own spec while an update is paused", () => {
    const bad = { ...taskSpec, forceUpdate: 1 };
    const updateStatus = {
      state: "paused",
      startedAtMs: 0,
      completedAtMs: undefined,
      message: "",
    } as const;
    const state = new FakeState(
      makeNode("n1"),
      makeService("web", 1, { task: bad }, { specVersion: 2, updateStatus }),
      makeTask("a", 1, { state: "failed" }),
    );
    state.run(orchestrator());
    expect(state.task("t000001")).toMatchObject({ specVersion: 1, spec: { forceUpdate: 0 } });
  });
});

it("lets what is removed be written in any parts", () => {
  const state = new FakeState(makeNode("n1"), makeService("web", 0), makeTask("live", 1));
  for (let at = 0; at < 5; at++)
    state.put(makeTask(`old${at}`, 1, { state: "failed", desiredState: "shutdown" }));
  const { changes } = state.run(orchestrator());
  expect(changes).toHaveLength(6);
  expect(new Set(changes.map(({ group }) => group)).size).toBe(6);
});

describe("lost and drained nodes", () => {
  it("replaces at once and without delay when the node is down", () => {
    const state = new FakeState(makeNode("n1", down), makeService("web", 1), makeTask("a", 1));
    state.run(orchestrator());
    expect(state.summary()).toEqual(["a 1 shutdown running n1", "t000001 1 running new -"]);
  });

  it("replaces the tasks of a removed node, which the reaper marks as orphaned", () => {
    const state = new FakeState(makeService("web", 1), makeTask("a", 1));
    state.run(orchestrator());
    expect(state.summary()).toEqual(["a 1 shutdown running n1", "t000001 1 running new -"]);
    state.run(createReaper());
    expect(state.summary()).toEqual(["a 1 shutdown orphaned n1", "t000001 1 running new -"]);
    expect(state.run(createReaper()).changes).toEqual([]);
  });

  it("lets a drained task stop first, for a minute at most", () => {
    const spec = { name: "", labels: {}, role: "worker", availability: "drain" } as const;
    const setup = () => {
      const state = new FakeState(
        makeNode("n1", { spec }),
        makeService("web", 1),
        makeTask("a", 1),
      );
      const plan = state.run(orchestrator());
      expect(plan.wakeAtMs).toBe(state.nowMs + 60_000);
      expect(state.summary()).toEqual(["a 1 shutdown running n1", "t000001 1 ready new -"]);
      return state;
    };
    const stopped = setup();
    stopped.setState("a", "shutdown");
    stopped.run(orchestrator());
    expect(stopped.task("t000001").desiredState).toBe("running");
    const stuck = setup();
    stuck.nowMs += 60_000;
    stuck.run(orchestrator());
    expect(stuck.task("t000001").desiredState).toBe("running");
  });

  it("runs a task of condition `none` at most once, unless it was not yet starting", () => {
    const spec = restart({ condition: "none" });
    for (const [taskState, tasks] of [
      ["running", 1],
      ["preparing", 2],
    ] as const) {
      const state = new FakeState(
        makeNode("n1", down),
        makeService("web", 1, { task: spec }),
        makeTask("a", 1, { spec, state: taskState }),
      );
      state.run(orchestrator());
      expect(state.summary()).toHaveLength(tasks);
    }
  });
});
