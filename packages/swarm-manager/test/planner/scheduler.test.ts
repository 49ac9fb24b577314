import fc from "fast-check";
import type { Node, Placement, ServiceSpec, Task, TaskSpec } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { createScheduler } from "../../src/planner/scheduler.ts";
import { FakeState, makeNode, makeService, makeTask, taskSpec } from "./fixtures.ts";

const fresh = { nodeId: "", state: "new" } as const;
const placed = (placement: Partial<Placement>): TaskSpec => ({
  ...taskSpec,
  placement: { ...taskSpec.placement, ...placement },
});
const labelled = (id: string, labels: Record<string, string>, rest: Partial<Node> = {}): Node => {
  const node = makeNode(id, rest);
  return { ...node, spec: { ...node.spec, labels } };
};

/** Schedules `count` new tasks of `spec` on the nodes and says where they went. */
function schedule(
  nodes: readonly Node[],
  spec: TaskSpec,
  count: number,
  more: Partial<ServiceSpec> = {},
) {
  const state = new FakeState(...nodes, makeService("web", count, { task: spec, ...more }));
  for (let slot = 1; slot <= count; slot++)
    state.put(makeTask(`a${slot}`, slot, { spec, ...fresh }));
  state.run(createScheduler());
  const tasks = [...state.tasksOfService("web")];
  const places = tasks.map((task) => task.nodeId || "-");
  return { state, places, errors: [...new Set(tasks.map((task) => task.status.error))] };
}

describe("assignment", () => {
  it("writes node, state and Docker's message, and ends an older error", () => {
    const state = new FakeState(makeNode("n1"), makeService("web", 2), makeTask("a", 1, fresh));
    state.put(makeTask("b", 2, { nodeId: "", state: "pending", desiredState: "ready" }));
    state.put({
      ...state.task("b"),
      status: { ...state.task("b").status, error: "no suitable node" },
    });
    state.run(createScheduler());
    expect(state.summary()).toEqual(["a 1 running assigned n1", "b 2 ready assigned n1"]);
    expect(state.task("b").status).toEqual({
      state: "assigned",
      timestampMs: state.nowMs,
      appliedAtMs: state.nowMs,
      message: "scheduler assigned task to node",
      error: "",
      container: undefined,
    });
  });

  it("prefers few tasks of the service, then few tasks, then the lower id", () => {
    const nodes = [makeNode("n1"), makeNode("n2"), makeNode("n3")];
    const other = (id: string, nodeId: string) => makeTask(id, 1, { serviceId: "db", nodeId });
    const state = new FakeState(
      ...nodes,
      makeService("web", 9),
      other("x", "n1"),
      other("y", "n1"),
      other("z", "n2"),
    );
    state.put(makeTask("b", 9, { nodeId: "n3" }));
    state.put(makeTask("stopping", 8, { nodeId: "n2", desiredState: "shutdown" }));
    for (let slot = 1; slot <= 4; slot++) state.put(makeTask(`a${slot}`, slot, fresh));
    state.run(createScheduler());
    expect([1, 2, 3, 4].map((slot) => state.task(`a${slot}`).nodeId)).toEqual([
      "n2",
      "n1",
      "n3",
      "n2",
    ]);
  });

  it("puts nodes on which this version failed five times of late last", () => {
    const state = new FakeState(makeNode("n1"), makeNode("n2"), makeService("web", 9));
    const fail = (count: number, rest: Partial<Task>) => {
      for (let at = 1; at <= count; at++) {
        state.put(
          makeTask(`${rest.nodeId}-${at}-${rest.specVersion}`, at, {
            ...rest,
            desiredState: "shutdown",
          }),
        );
        state.setState(`${rest.nodeId}-${at}-${rest.specVersion}`, "failed");
      }
    };
    const choice = () => {
      state.put(makeTask("a", 1, { ...fresh, specVersion: 2 }));
      state.run(createScheduler());
      return state.task("a").nodeId;
    };
    fail(6, { nodeId: "n1", specVersion: 1 });
    fail(4, { nodeId: "n1", specVersion: 2 });
    expect(choice()).toBe("n1");
    fail(5, { nodeId: "n1", specVersion: 2 });
    expect(choice()).toBe("n2");
    state.nowMs += 300_000;
    expect(choice()).toBe("n1");
  });

  it("gives a node that was drained tasks again, first of all: what the drain stopped was no failure", () => {
    const spec: TaskSpec = { ...taskSpec, reservations: { nanoCpus: 3e9, memoryBytes: 1 } };
    const [drained, roomy] = [makeNode("n1"), makeNode("n2")];
    const plenty = { nanoCpus: 16e9, memoryBytes: 16e9 };
    const state = new FakeState(
      { ...drained, spec: { ...drained.spec, availability: "drain" } },
      { ...roomy, description: { ...roomy.description!, resources: plenty } },
      makeService("web", 1, { task: spec }),
    );
    for (let at = 1; at <= 6; at++) {
      const change = { spec, desiredState: "shutdown", state: "shutdown" } as const;
      state.put(makeTask(`old${at}`, at, change));
    }
    state.put(makeTask("moved", 1, { nodeId: "n2", spec: taskSpec }));
    const place = (id: string) => {
      state.put(makeTask(id, 2, { ...fresh, spec }));
      state.run(createScheduler());
      return state.task(id).nodeId;
    };
    expect(place("a")).toBe("n2");
    state.put(drained);
    expect(place("b")).toBe("n1");
  });

  it("closes tasks that are not wanted any more before they had a node", () => {
    const state = new FakeState(
      makeTask("a", 1, { nodeId: "", state: "pending", desiredState: "shutdown" }),
    );
    state.run(createScheduler());
    expect(state.task("a").status.state).toBe("shutdown");
  });

  it("is asked for nothing when only placed tasks got on", () => {
    const state = new FakeState(
      makeNode("n1"),
      makeService("web", 2),
      makeTask("a", 1, fresh),
      makeTask("b", 2),
    );
    const none = new Set<string>();
    const planned = (tasks: string[], nodes: string[] = []) =>
      createScheduler().plan(state, 0, {
        services: none,
        nodes: new Set(nodes),
        tasks: new Set(tasks),
      }).changes.length;
    expect(planned(["b"])).toBe(0);
    expect(planned(["a"])).toBe(1);
    expect(planned(["gone"])).toBe(1);
    expect(planned([], ["n1"])).toBe(1);
    state.setState("b", "failed");
    expect(planned(["b"])).toBe(1);
  });
});

describe("filters", () => {
  const reserved = (nanoCpus: number, memoryBytes: number): TaskSpec => ({
    ...taskSpec,
    reservations: { nanoCpus, memoryBytes },
  });
  const withImage = (image: string): TaskSpec => ({
    ...taskSpec,
    container: { ...taskSpec.container, image },
  });
  const port = {
    name: "",
    protocol: "tcp",
    targetPort: 80,
    publishedPort: 80,
    publishMode: "host",
  } as const;
  const description = makeNode("n1").description!;
  const engine = { ...description.engine, executors: ["docker"] };

  it.each<[string, Node[], TaskSpec, Partial<ServiceSpec>, string]>([
    ["no nodes", [], taskSpec, {}, "no suitable node"],
    [
      "not ready or not active",
      [
        makeNode("n1", { status: { state: "down", message: "", address: "" } }),
        makeNode("n2", { status: { state: "unknown", message: "", address: "" } }),
        makeNode("n3", { spec: { ...makeNode("n3").spec, availability: "pause" } }),
      ],
      taskSpec,
      {},
      "no suitable node (3 nodes not available for new tasks)",
    ],
    [
      "resources",
      [makeNode("n1")],
      reserved(5e9, 0),
      {},
      "no suitable node (insufficient resources on 1 node)",
    ],
    [
      "memory",
      [makeNode("n1")],
      reserved(0, 5e9),
      {},
      "no suitable node (insufficient resources on 1 node)",
    ],
    [
      "executor",
      [makeNode("n1", { description: { ...description, engine } })],
      taskSpec,
      {},
      "no suitable node (missing plugin on 1 node)",
    ],
    [
      "constraint",
      [makeNode("n1"), makeNode("n2")],
      placed({ constraints: ["node.role == manager"] }),
      {},
      "no suitable node (scheduling constraints not satisfied on 2 nodes)",
    ],
    [
      "platform",
      [makeNode("n1")],
      placed({ platforms: [{ os: "linux", architecture: "arm64" }] }),
      {},
      "no suitable node (unsupported platform on 1 node)",
    ],
    [
      "several, most frequent first",
      [
        makeNode("n1", { status: { state: "down", message: "", address: "" } }),
        makeNode("n2"),
        makeNode("n3"),
      ],
      reserved(5e9, 0),
      {},
      "no suitable node (insufficient resources on 2 nodes; 1 node not available for new tasks)",
    ],
  ])("%s", (...[, nodes, spec, more, error]) => {
    const { state, places, errors } = schedule(nodes, spec, 2, more);
    expect(places).toEqual(["-", "-"]);
    expect(errors).toEqual([error]);
    expect(state.task("a1").status).toMatchObject({
      state: "pending",
      message: "pending task scheduling",
    });
  });

  it("lets through what fits", () => {
    const platforms = [{ os: "linux", architecture: "amd64" }];
    expect(schedule([makeNode("n1")], placed({ platforms }), 1).places).toEqual(["n1"]);
    expect(
      schedule([makeNode("n1")], placed({ platforms: [{ os: "", architecture: "" }] }), 1).places,
    ).toEqual(["n1"]);
    expect(schedule([makeNode("n1")], withImage("nginx"), 1).places).toEqual(["n1"]);
    expect(schedule([makeNode("n1")], reserved(4e9, 4e9), 1).places).toEqual(["n1"]);
  });

  it("counts what it places: resources, host ports, tasks per node", () => {
    const nodes = [makeNode("n1"), makeNode("n2")];
    const cpus = schedule(nodes, reserved(2e9, 0), 5);
    expect(cpus.places).toEqual(["n1", "n2", "n1", "n2", "-"]);
    expect(cpus.errors).toEqual(["", "no suitable node (insufficient resources on 2 nodes)"]);
    const ports = schedule(nodes, taskSpec, 3, { endpoint: { mode: "vip", ports: [port] } });
    expect(ports.places).toEqual(["n1", "n2", "-"]);
    expect(ports.errors[1]).toBe("no suitable node (host-mode port already in use on 2 nodes)");
    const limited = schedule(nodes, placed({ maxReplicasPerNode: 1 }), 3);
    expect(limited.places).toEqual(["n1", "n2", "-"]);
    expect(limited.errors[1]).toBe("no suitable node (max replicas per node limit exceed)");
  });

  it("holds reservations until a task is seen to have ended, whatever is desired of it", () => {
    const spec = reserved(4e9, 0);
    const state = new FakeState(makeNode("n1"), makeService("web", 1, { task: spec }));
    state.put(makeTask("old", 1, { spec, desiredState: "shutdown" }));
    state.put(makeTask("a", 1, { spec, ...fresh }));
    state.run(createScheduler());
    expect(state.task("a").nodeId).toBe("");
    state.setState("old", "shutdown");
    state.run(createScheduler());
    expect(state.task("a").nodeId).toBe("n1");
  });

  it("tries again when a service gives up the port that a task waits for", () => {
    const endpoint = { mode: "vip", ports: [port] } as const;
    const web = makeService("web", 1, { endpoint });
    const state = new FakeState(makeNode("n1"), web, makeTask("old", 1), makeTask("a", 2, fresh));
    state.run(createScheduler());
    expect(state.task("a").nodeId).toBe("");
    state.put(makeService("web", 1));
    const none = new Set<string>();
    state.run(createScheduler(), { services: new Set(["web"]), nodes: none, tasks: none });
    expect(state.task("a").nodeId).toBe("n1");
  });

  it("writes why a task waits only when the reason changes", () => {
    const state = new FakeState(makeService("web", 1), makeTask("a", 1, fresh));
    expect(state.run(createScheduler()).changes).toHaveLength(1);
    state.nowMs += 1_000;
    const again = state.run(createScheduler());
    expect(again.changes).toHaveLength(0);
    expect(again.reasons.map(({ text }) => text)).toEqual(["no suitable node"]);
    state.put(makeNode("n1", { status: { state: "down", message: "", address: "" } }));
    expect(state.run(createScheduler()).changes).toHaveLength(1);
  });
});

describe("spread", () => {
  it("levels the branches first, whatever the number of nodes in each, unlabelled nodes being one", () => {
    const nodes = [
      labelled("n1", { zone: "a" }),
      labelled("n2", { zone: "a" }),
      labelled("n3", { zone: "a" }),
      labelled("n4", { zone: "b" }),
      makeNode("n5"),
    ];
    const spec = placed({ spread: ["node.labels.zone"] });
    expect(schedule(nodes, spec, 6).places.sort()).toEqual(["n1", "n2", "n4", "n4", "n5", "n5"]);
  });

  it("uses what room there is when a branch is full, and ignores other keys", () => {
    const nodes = [
      labelled("n1", { zone: "a" }),
      labelled("n2", { zone: "b" }),
      labelled("n3", { zone: "b" }),
    ];
    const spec = placed({ spread: ["node.id", "node.labels.zone"], maxReplicasPerNode: 2 });
    expect(schedule(nodes, spec, 7).places).toEqual(["n1", "n2", "n3", "n1", "n2", "n3", "-"]);
  });

  it("levels nested labels", () => {
    const nodes = ["a", "b"].flatMap((zone) =>
      [1, 2].flatMap((rack) =>
        [1, 2].map((at) => labelled(`${zone}${rack}${at}`, { zone, rack: `${rack}` })),
      ),
    );
    const spec = placed({ spread: ["node.labels.zone", "node.labels.rack"] });
    const { places } = schedule(nodes, spec, 4);
    expect(places.map((id) => id.slice(0, 2)).sort()).toEqual(["a1", "a2", "b1", "b2"]);
  });

  it("agrees with the rule applied one task at a time", () => {
    const zones = fc.array(fc.constantFrom("a", "b", "c", ""), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(zones, fc.nat(20), fc.nat(3), fc.boolean(), (labels, count, limit, spreads) => {
        const nodes = labels.map((zone, at) => labelled(`n${at}`, { zone }));
        const spread = spreads ? ["node.labels.zone"] : [];
        const { places } = schedule(nodes, placed({ spread, maxReplicasPerNode: limit }), count);
        const counts = (keyOf: (at: number) => string) => {
          const sums = new Map<string, number>(labels.map((_, at) => [keyOf(at), 0]));
          for (const place of places)
            if (place !== "-")
              sums.set(
                keyOf(Number(place.slice(1))),
                (sums.get(keyOf(Number(place.slice(1)))) ?? 0) + 1,
              );
          return [...sums.values()];
        };
        const perNode = counts((at) => `n${at}`);
        const room = limit === 0 ? Infinity : limit * labels.length;
        expect(perNode.reduce((sum, n) => sum + n, 0)).toBe(Math.min(count, room));
        if (limit > 0) expect(Math.max(...perNode)).toBeLessThanOrEqual(limit);
        const levels = limit > 0 ? [] : counts((at) => (spreads ? (labels[at] ?? "") : `n${at}`));
        if (levels.length > 0)
          expect(Math.max(...levels) - Math.min(...levels)).toBeLessThanOrEqual(1);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
