import { createLocalProposer, createSwarmStore } from "@waggle/swarm-state";
import type { Node, ObjectDraft, Service, SwarmStore, Task, TaskState } from "@waggle/swarm-state";
import { describe, expect, it } from "vitest";
import { createPlannerLoop } from "../../src/loop/planner-loop.ts";
import { createOrchestrator } from "../../src/planner/orchestrator.ts";
import { createReaper } from "../../src/planner/reaper.ts";
import { createScheduler } from "../../src/planner/scheduler.ts";
import { createUpdater } from "../../src/planner/updater.ts";
import { createIds, makeNode, makeService, taskSpec } from "../planner/fixtures.ts";
import { ManualClock } from "./fakes.ts";

function setup() {
  const clock = new ManualClock();
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => clock.nowMs });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  const newId = createIds("task".padEnd(19, "0"));
  const warnings: object[] = [];
  const newLoop = () =>
    createPlannerLoop({
      store,
      planners: [
        createOrchestrator({ newId }),
        createUpdater({ newId }),
        createScheduler(),
        createReaper(),
      ],
      clock,
      logger: { warn: (facts) => void warnings.push(facts) },
    });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  /** Lets time pass until neither planners nor agents have anything to do. */
  const rest = async () => {
    for (let round = 0; round < 2_000 && warnings.length === 0; round++) {
      await settle();
      if (await moveAgents(store, clock.nowMs)) continue;
      if (clock.timers.size === 0) return;
      await clock.fire();
    }
    throw new RangeError(`the swarm does not come to rest: ${JSON.stringify(warnings)}`);
  };
  return { clock, store, newLoop, rest, warnings };
}

const steps: Partial<Record<TaskState, TaskState>> = {
  assigned: "preparing",
  preparing: "ready",
  ready: "starting",
  starting: "running",
};

/** Every agent moves each of its tasks on by one state. */
async function moveAgents(store: SwarmStore, nowMs: number): Promise<boolean> {
  const moved: Task[] = [];
  for (const task of store.view().list("task")) {
    if (store.view().get("node", task.nodeId)?.status.state !== "ready") continue;
    const state = nextState(task);
    if (state === undefined) continue;
    moved.push({
      ...task,
      status: { ...task.status, state, timestampMs: nowMs, appliedAtMs: nowMs },
    });
  }
  await store.update((tx) => {
    for (const task of moved) tx.update(task);
  });
  return moved.length > 0;
}

function nextState({ status, desiredState }: Task): TaskState | undefined {
  if (desiredState === "running") return steps[status.state];
  if (desiredState === "ready") return status.state === "ready" ? undefined : steps[status.state];
  return status.state in steps || status.state === "running" ? "shutdown" : undefined;
}

async function seed(store: SwarmStore, service: Service, nodes: number): Promise<void> {
  await store.update((tx) => {
    tx.create<Service>(draft(service));
    for (let at = 1; at <= nodes; at++) tx.create<Node>(draft(makeNode(id("node", at))));
  });
}

function id(prefix: string, at: number): string {
  return `${prefix}${String(at).padStart(25 - prefix.length, "0")}`;
}

function draft<T extends Service | Node>(object: T): ObjectDraft<T> {
  const metadata = ["version", "createdAtMs", "updatedAtMs"];
  const rest = Object.entries(object).filter(([key]) => !metadata.includes(key));
  return Object.fromEntries(rest) as unknown as ObjectDraft<T>;
}

describe("planner loop over the real store", () => {
  const serviceId = id("web", 1);

  it("brings up 500 replicas, and a new leader changes nothing", async () => {
    const { store, newLoop, rest, warnings } = setup();
    await seed(store, makeService(serviceId, 500), 10);
    const first = newLoop();
    first.start();
    await rest();
    const states = [...store.view().tasksOfService(serviceId)].map((task) => task.status.state);
    expect(states).toEqual(Array<string>(500).fill("running"));
    const perNode = [...store.view().list("node")].map(
      (node) => [...store.view().tasksOfNode(node.id)].length,
    );
    expect(perNode).toEqual(Array<number>(10).fill(50));
    await first.stop();
    store.stopLeading();
    store.startLeading();
    const { index } = store.view();
    const second = newLoop();
    second.start();
    await rest();
    expect(store.view().index).toBe(index);
    expect(warnings).toEqual([]);
    await second.stop();
  });

  it("updates, replaces the tasks of a lost node, and removes the service", async () => {
    const { clock, store, newLoop, rest, warnings } = setup();
    await seed(store, makeService(serviceId, 4), 3);
    const loop = newLoop();
    loop.start();
    await rest();
    await store.update((tx) => {
      const service = tx.get("service", serviceId)!;
      const spec = { ...service.spec, task: { ...taskSpec, forceUpdate: 1 } };
      tx.update({ ...service, spec, specVersion: 2, previousSpec: service.spec });
    });
    const startedAtMs = clock.nowMs;
    await rest();
    const running = () =>
      [...store.view().tasksOfService(serviceId)].filter(
        ({ status, desiredState }) => status.state === "running" && desiredState === "running",
      );
    expect(running().map((task) => task.specVersion)).toEqual([2, 2, 2, 2]);
    expect(store.view().get("service", serviceId)!.updateStatus?.state).toBe("completed");
    expect(clock.nowMs).toBeGreaterThanOrEqual(startedAtMs + 5_000);
    expect(loop.explain(serviceId).map((reason) => reason.text)).toEqual([
      "update in progress",
      "update completed",
    ]);
    const lost = id("node", 1);
    await store.update((tx) => {
      const node = tx.get("node", lost)!;
      tx.update({ ...node, status: { ...node.status, state: "down" } });
    });
    await rest();
    expect(running().filter((task) => task.nodeId !== lost)).toHaveLength(4);
    await store.update((tx) => tx.delete("service", serviceId));
    await rest();
    expect([...store.view().list("task")]).toEqual([]);
    expect(warnings).toEqual([]);
    await loop.stop();
  });
});
