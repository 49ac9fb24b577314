import type { TaskState } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { createReaper } from "../../src/planner/reaper.ts";
import { FakeState, makeCluster, makeNode, makeService, makeTask, taskSpec } from "./fixtures.ts";

const reaped = (state: FakeState) =>
  state.run(createReaper()).changes.map(({ object }) => object.id);

describe("tasks to be removed", () => {
  it.each<[TaskState, string, boolean]>([
    ["running", "n1", false],
    ["assigned", "n1", false],
    ["pending", "", true],
    ["shutdown", "n1", true],
    ["failed", "n1", true],
    ["running", "down", true],
    ["running", "gone", true],
  ])("state %s on node `%s`: deleted %s", (taskState, nodeId, deleted) => {
    const state = new FakeState(
      makeNode("n1"),
      makeNode("down", { status: { state: "down", message: "", address: "" } }),
      makeTask("a", 1, { state: taskState, nodeId, desiredState: "remove" }),
    );
    expect(reaped(state)).toEqual(deleted ? ["a"] : []);
  });
});

describe("tasks that were to stop on a node that is down", () => {
  const status = { state: "down", message: "", address: "" } as const;
  const DAY_MS = 86_400_000;
  const setup = () => {
    const state = new FakeState(
      makeNode("n1"),
      makeNode("down", { status }),
      makeService("web", 1),
      makeTask("old", 1, { nodeId: "down", desiredState: "shutdown" }),
      makeTask("live", 1, { createdAtMs: 1 }),
    );
    return { state, stateOf: () => state.task("old").status.state };
  };

  it("are orphaned after a day", () => {
    const { state, stateOf } = setup();
    expect(state.run(createReaper())).toMatchObject({ changes: [], wakeAtMs: DAY_MS });
    state.nowMs = DAY_MS - 1;
    state.run(createReaper());
    expect(stateOf()).toBe("running");
    state.nowMs = DAY_MS;
    state.run(createReaper());
    expect(stateOf()).toBe("orphaned");
    expect(state.run(createReaper())).toMatchObject({ changes: [], wakeAtMs: undefined });
  });

  it("are orphaned when the node is removed", () => {
    const { state, stateOf } = setup();
    state.remove("down");
    const dirty = {
      services: new Set<string>(),
      tasks: new Set<string>(),
      nodes: new Set(["down"]),
    };
    state.run(createReaper(), dirty);
    expect(stateOf()).toBe("orphaned");
    expect(state.task("live").status.state).toBe("running");
  });
});

describe("history", () => {
  function withHistory(limit: number, ended: readonly TaskState[], live = true): FakeState {
    const state = new FakeState(makeCluster(limit), makeNode("n1"), makeService("web", 1));
    ended.forEach((taskState, at) =>
      state.put(
        makeTask(`a${at}`, 1, { state: taskState, desiredState: "shutdown", createdAtMs: at }),
      ),
    );
    if (live) state.put(makeTask("live", 1, { createdAtMs: 99 }));
    return state;
  }

  it("keeps so many tasks per slot, the live one included, the oldest going first", () => {
    expect(reaped(withHistory(3, ["failed", "failed", "complete", "failed"]))).toEqual([
      "a0",
      "a1",
    ]);
    expect(reaped(withHistory(5, ["failed", "failed", "complete", "failed"]))).toEqual([]);
    expect(reaped(withHistory(1, ["failed"]))).toEqual(["a0"]);
    expect(reaped(withHistory(-1, ["failed", "failed", "failed", "failed", "failed"]))).toEqual([]);
  });

  it("keeps the last task of a slot that is done, and what may still run", () => {
    expect(reaped(withHistory(0, ["failed", "complete"], false))).toEqual(["a0"]);
    expect(reaped(withHistory(1, ["running", "failed"]))).toEqual(["a1"]);
  });

  it("takes the default without a cluster object", () => {
    const state = withHistory(5, ["failed", "failed", "failed", "failed", "failed"]);
    state.remove("cluster");
    expect(reaped(state)).toEqual(["a0"]);
  });

  it("keeps what the restart policy counts", () => {
    const spec = { ...taskSpec, restart: { ...taskSpec.restart, maxAttempts: 2 } };
    const state = new FakeState(makeNode("n1"), makeService("web", 1, { task: spec }));
    const states: TaskState[] = ["failed", "shutdown", "failed", "shutdown"];
    states.forEach((taskState, at) =>
      state.put(
        makeTask(`a${at}`, 1, {
          spec,
          state: taskState,
          desiredState: "shutdown",
          createdAtMs: at,
        }),
      ),
    );
    state.put(makeTask("live", 1, { spec, createdAtMs: 99 }));
    expect(reaped(state)).toEqual(["a1", "a3"]);
  });
});
