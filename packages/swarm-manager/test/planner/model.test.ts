import fc from "fast-check";
import type { Service, UpdateConfig } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import {
  FakeState,
  makeCluster,
  makeNode,
  makeService,
  taskSpec,
  updateConfig,
} from "./fixtures.ts";
import { Simulation } from "./simulation.ts";

const seeds = { seed: 20_260_101, numRuns: 40 };
const seed = fc.integer({ min: 0, max: 2 ** 31 });

function swarm(nodeCount: number, ...services: Service[]): FakeState {
  const state = new FakeState(makeCluster(5), ...services);
  for (let node = 1; node <= nodeCount; node++) state.put(makeNode(`n${node}`));
  return state;
}

function expectAtRest(simulation: Simulation, service: Service): void {
  const { state } = simulation;
  const live = simulation.liveBySlot(service.id);
  expect(live.size).toBe(service.spec.mode.replicas);
  for (const tasks of live.values()) {
    expect(tasks.map((task) => `${task.desiredState} ${task.status.state}`)).toEqual([
      "running running",
    ]);
    expect(tasks[0]!.specVersion).toBe(state.get("service", service.id)!.specVersion);
    expect(tasks[0]!.spec).toEqual(state.get("service", service.id)!.spec.task);
    expect(state.get("node", tasks[0]!.nodeId)).toMatchObject({
      status: { state: "ready" },
      spec: { availability: "active" },
    });
  }
  for (const slot of live.keys())
    expect(state.tasksOfSlot(service.id, slot).length).toBeLessThanOrEqual(5);
  simulation.electLeader();
  expect(simulation.plan()).toBe(0);
}

describe("a swarm left alone", () => {
  it("reaches its replicas, spread within one, and rests", () => {
    fc.assert(
      fc.property(seed, fc.nat(40), fc.integer({ min: 1, max: 9 }), (start, replicas, nodes) => {
        const service = makeService("web", replicas);
        const simulation = new Simulation(start, swarm(nodes, service));
        simulation.untilQuiet();
        expectAtRest(simulation, service);
        const perNode = simulation.state
          .list("node")
          .map(({ id }) => simulation.state.tasksOfNode(id).length);
        expect(Math.max(...perNode) - Math.min(...perNode)).toBeLessThanOrEqual(1);
      }),
      seeds,
    );
  });

  it("recovers from nodes that fail, leave and are drained, tasks that fail, scaling, updates and new leaders", () => {
    fc.assert(
      fc.property(seed, (start) => {
        const services = [makeService("web", 7), makeService("db", 3)];
        const simulation = new Simulation(start, swarm(6, ...services));
        simulation.failureChance = 0.01;
        for (let step = 0; step < 120; step++) {
          disturb(simulation);
          if (simulation.random() < 0.05) simulation.electLeader();
          simulation.step();
        }
        simulation.failureChance = 0;
        simulation.state.put(makeNode("n1"));
        for (const node of simulation.state.list("node"))
          if (node.status.state === "unknown") simulation.state.put(makeNode(node.id));
        putUpdate(
          simulation.state,
          start % 2 === 0 ? "start-first" : "stop-first",
          simulation.random,
        );
        simulation.untilQuiet();
        for (const { id } of services) {
          const service = simulation.state.get("service", id)!;
          expectAtRest(simulation, service);
        }
      }),
      // Each of the examples once found a fault.
      { ...seeds, examples: [[0], [1], [1_074_510_243]] },
    );
  });
});

function disturb({ state, random }: Simulation): void {
  const dice = random();
  const id = `n${1 + Math.floor(random() * 6)}`;
  const node = makeNode(id);
  const scaled = state.get("service", "web")!;
  const replicas = Math.floor(random() * 10);
  const status = { message: "", address: "" };
  if (dice < 0.05) state.put({ ...node, status: { ...status, state: "down" } });
  else if (dice < 0.1) state.put({ ...node, status: { ...status, state: "unknown" } });
  else if (dice < 0.13) state.remove(id);
  else if (dice < 0.18) state.put({ ...node, spec: { ...node.spec, availability: "drain" } });
  else if (dice < 0.35) state.put(node);
  else if (dice < 0.38)
    state.put({ ...scaled, spec: { ...scaled.spec, mode: { type: "replicated", replicas } } });
  else if (dice < 0.42) putUpdate(state, dice < 0.4 ? "start-first" : "stop-first", random);
}

/** What a user's update does to a service: a new spec, and whatever update there was is over. */
function putUpdate(state: FakeState, order: UpdateConfig["order"], random: () => number): void {
  const service = state.get("service", "web")!;
  const failureAction = (["pause", "continue", "rollback"] as const)[Math.floor(random() * 3)]!;
  const update = { ...updateConfig, order, failureAction, parallelism: Math.floor(random() * 4) };
  const restart = { ...taskSpec.restart, delayMs: Math.floor(random() * 3) * 1_000 };
  state.put({
    ...service,
    spec: { ...service.spec, update, task: { ...taskSpec, restart, forceUpdate: state.index } },
    specVersion: service.specVersion + 1,
    previousSpec: service.spec,
    previousSpecVersion: service.specVersion,
    updateStatus: undefined,
  });
}

describe("an update", () => {
  const orders = fc.constantFrom("stop-first" as const, "start-first" as const);

  it("replaces every task, with at most `parallelism` slots down, across a change of leader", () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 4 }), orders, (start, parallelism, order) => {
        const replicas = 8;
        const delayMs = start % 2 === 0 ? 0 : 2_000;
        const update = { ...updateConfig, parallelism, order, delayMs };
        const service = makeService("web", replicas, { update });
        const simulation = new Simulation(start, swarm(4, service));
        simulation.untilQuiet();
        const { state } = simulation;
        const before = state.get("service", "web")!;
        const spec = { ...before.spec, task: { ...taskSpec, forceUpdate: 1 } };
        state.put({ ...before, spec, previousSpec: before.spec, specVersion: 2 });
        let fewest = replicas;
        simulation.onStep = () => {
          fewest = Math.min(fewest, simulation.runningSlots("web"));
          if (simulation.random() < 0.1) simulation.electLeader();
        };
        simulation.untilQuiet();
        expectAtRest(simulation, service);
        expect(fewest).toBeGreaterThanOrEqual(
          order === "start-first" ? replicas : replicas - parallelism,
        );
        expect(state.get("service", "web")!.updateStatus).toMatchObject({
          state: "completed",
          message: "update completed",
        });
      }),
      seeds,
    );
  });

  it("stops at the first failure: paused, or back on the previous spec", () => {
    fc.assert(
      fc.property(
        seed,
        fc.constantFrom("pause" as const, "rollback" as const),
        orders,
        (start, failureAction, order) => {
          const update = { ...updateConfig, failureAction, order };
          const simulation = new Simulation(start, swarm(3, makeService("web", 5, { update })));
          simulation.untilQuiet();
          const { state } = simulation;
          const before = state.get("service", "web")!;
          const spec = { ...before.spec, task: { ...taskSpec, forceUpdate: 1 } };
          simulation.brokenVersions.add(2);
          state.put({
            ...before,
            spec,
            previousSpec: before.spec,
            previousSpecVersion: 1,
            specVersion: 2,
          });
          for (let step = 0; step < 300; step++) simulation.step();
          const after = state.get("service", "web")!;
          expect(simulation.runningSlots("web")).toBeGreaterThanOrEqual(4);
          if (failureAction === "pause") {
            expect(after.updateStatus?.state).toBe("paused");
            expect(after.updateStatus?.message).toMatch(
              /^update paused due to failure or early termination of task t\d+$/,
            );
            return;
          }
          expect(after).toMatchObject({
            specVersion: 3,
            spec: before.spec,
            previousSpec: undefined,
          });
          expect(after.updateStatus).toMatchObject({
            state: "rollback-completed",
            message: "rollback completed",
          });
          expectAtRest(simulation, after);
        },
      ),
      seeds,
    );
  });
});
