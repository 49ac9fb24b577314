import { describe, expect, it } from "vitest";
import { createPlannerLoop } from "../../src/loop/planner-loop.ts";
import { createOrchestrator } from "../../src/planner/orchestrator.ts";
import type { Dirty, Plan, PlannedChange, Planner } from "../../src/planner/planner.ts";
import { createScheduler } from "../../src/planner/scheduler.ts";
import { createIds, makeNode, makeService, makeTask } from "../planner/fixtures.ts";
import { FakeStore, ManualClock, settle } from "./fakes.ts";

const nothing: Plan = { changes: [], wakeAtMs: undefined, reasons: [] };

/** A planner that does what it is told, and notes what it was asked. */
function createProbe(answer: (asked: number, nowMs: number) => Plan = () => nothing) {
  const asked: (Dirty | undefined)[] = [];
  const planner: Planner = {
    name: "probe",
    plan(_view, nowMs, dirty) {
      asked.push(dirty);
      return answer(asked.length, nowMs);
    },
  };
  return { planner, asked };
}

function setup(...planners: Planner[]) {
  const clock = new ManualClock();
  const store = new FakeStore(clock);
  const warnings: unknown[] = [];
  const logger = { warn: (facts: object) => void warnings.push(facts) };
  const loop = createPlannerLoop({ store, planners, clock, logger });
  return { clock, store, loop, warnings };
}

describe("planner loop", () => {
  it("brings a service up, explains it, and then sleeps without a timer", async () => {
    const { clock, store, loop } = setup(
      createOrchestrator({ newId: createIds() }),
      createScheduler(),
    );
    store.put(makeNode("n1"), makeNode("n2"), makeService("web", 3));
    loop.start();
    loop.start();
    while (clock.timers.size > 0) await clock.fire();
    expect(store.state.summary()).toEqual([
      "t000001 1 running assigned n1",
      "t000002 2 running assigned n2",
      "t000003 3 running assigned n1",
    ]);
    expect(loop.explain("t000002").map((reason) => reason.text)).toEqual([
      "created to fill slot 2 of 3 replicas",
    ]);
    expect(loop.explain("unknown")).toEqual([]);
    await loop.stop();
  });

  it("asks first about everything, then about what changed, gathered for 10 ms", async () => {
    const { planner, asked } = createProbe();
    const { clock, store, loop } = setup(planner);
    loop.start();
    expect(clock.nextInMs()).toBe(0);
    await clock.fire();
    expect(asked).toEqual([undefined]);
    store.put(makeNode("n1"));
    expect(clock.nextInMs()).toBe(10);
    store.put(makeTask("a", 1), makeService("db", 1));
    await clock.fire();
    expect(asked[1]).toEqual({
      nodes: new Set(["n1"]),
      tasks: new Set(["a"]),
      services: new Set(["db"]),
    });
    expect(clock.timers.size).toBe(0);
    clock.nowMs += 1_000;
    store.put(makeNode("n1"));
    expect(clock.nextInMs()).toBe(0);
    await loop.stop();
  });

  it("wakes when a planner asks for it, and then asks about everything", async () => {
    const { planner, asked } = createProbe((times, nowMs) =>
      times === 1 ? { ...nothing, wakeAtMs: nowMs + 5_000 } : nothing,
    );
    const { clock, store, loop } = setup(planner);
    loop.start();
    await clock.fire();
    expect(clock.nextInMs()).toBe(5_000);
    store.put(makeNode("n1"));
    await clock.fire();
    expect(asked[1]).toBeDefined();
    expect(clock.nextInMs()).toBe(4_990);
    await clock.fire();
    expect(asked[2]).toBeUndefined();
    expect(clock.timers.size).toBe(0);
    await loop.stop();
  });

  it("reaches a far wake in steps that a timer can count", async () => {
    const { planner, asked } = createProbe((_, nowMs) => ({ ...nothing, wakeAtMs: nowMs + 1e10 }));
    const { clock, loop } = setup(planner);
    loop.start();
    await clock.fire();
    await clock.fire();
    expect(clock.nextInMs()).toBe(3_600_000);
    expect(asked).toHaveLength(1);
    await loop.stop();
  });

  it("waits until its writes are applied before it plans again", async () => {
    const node = makeNode("n1");
    const { planner, asked } = createProbe((times) =>
      times === 1
        ? { ...nothing, changes: [{ type: "create", group: "a", object: makeTask("a", 1) }] }
        : nothing,
    );
    const { clock, store, loop } = setup(planner);
    store.hold = true;
    loop.start();
    await clock.fire();
    store.put(node);
    expect(clock.timers.size).toBe(0);
    store.release();
    await settle();
    await clock.fire();
    expect(asked).toHaveLength(2);
    expect(asked[1]!.nodes).toEqual(new Set(["n1"]));
    expect(asked[1]!.tasks).toEqual(new Set(["a"]));
    await loop.stop();
  });

  it("writes large plans in bounded transactions, and halves what is too large for the log", async () => {
    const changes = Array.from({ length: 450 }, (_, at) => ({
      type: "create" as const,
      group: `${at}`,
      object: makeTask(`t${at}`, at),
    }));
    const { planner } = createProbe((times) => (times === 1 ? { ...nothing, changes } : nothing));
    const { clock, store, loop } = setup(planner);
    store.changesMax = 150;
    loop.start();
    await clock.fire();
    expect(store.state.count("task")).toBe(450);
    expect(Math.max(...store.transactions)).toBeLessThanOrEqual(150);
    expect([...store.transactions].sort((a, b) => a - b)).toEqual([50, 100, 100, 100, 100]);
    await loop.stop();
  });

  it("writes the others although one group is too large, and asks again after a pause", async () => {
    const groups = Array.from({ length: 900 }, (_, at) => (at < 3 ? "large" : `${at}`));
    const changes: PlannedChange[] = groups.map((group, at) => ({
      type: "create",
      group,
      object: makeTask(`t${at}`, at),
    }));
    const { planner, asked } = createProbe((times) =>
      times === 1 ? { ...nothing, changes } : nothing,
    );
    const { clock, store, loop } = setup(planner);
    store.changesMax = 2;
    loop.start();
    await clock.fire();
    await expect.poll(() => store.state.count("task"), { interval: 1 }).toBe(897);
    await expect.poll(() => clock.nextInMs(), { interval: 1 }).toBe(100);
    await clock.fire();
    expect(asked).toHaveLength(2);
    await loop.stop();
  });

  it("drops a whole group whose object was overtaken, writes the others, and looks again", async () => {
    const { planner, asked } = createProbe((times) => {
      if (times > 1) return nothing;
      const stale = { ...makeTask("a", 1), version: 1 };
      return {
        ...nothing,
        changes: [
          { type: "update", group: "web/1", object: stale },
          { type: "create", group: "web/1", object: makeTask("b", 1) },
          { type: "create", group: "web/2", object: makeTask("c", 2) },
        ],
      };
    });
    const { clock, store, loop } = setup(planner);
    store.put(makeTask("a", 1));
    loop.start();
    await clock.fire();
    expect(store.state.list("task").map(({ id }) => id)).toEqual(["a", "c"]);
    await clock.fire();
    await clock.fire();
    expect(asked.map((dirty) => dirty === undefined)).toEqual([true, false, true]);
    expect(clock.nowMs).toBe(100_100);
    await loop.stop();
  });

  it("asks a planner that throws again after growing pauses, and the others meanwhile", async () => {
    const healthy = createProbe();
    const sick = createProbe((times) => {
      if (times < 4) throw new RangeError("sick");
      return nothing;
    });
    const { clock, store, loop, warnings } = setup(sick.planner, healthy.planner);
    loop.start();
    await clock.fire();
    expect(clock.nextInMs()).toBe(100);
    store.put(makeNode("n1"));
    await clock.fire();
    expect([sick.asked.length, healthy.asked.length]).toEqual([1, 2]);
    await clock.fire();
    expect(clock.nextInMs()).toBe(200);
    await clock.fire();
    expect(clock.nextInMs()).toBe(400);
    await clock.fire();
    expect(sick.asked).toEqual([undefined, undefined, undefined, undefined]);
    expect(warnings).toHaveLength(3);
    expect(warnings[0]).toMatchObject({ planner: "probe", error: { message: "sick" } });
    expect(clock.timers.size).toBe(0);
    await loop.stop();
  });

  it("tries again when the store refuses", async () => {
    const { clock, store, loop, warnings } = setup(createOrchestrator({ newId: createIds() }));
    store.put(makeService("web", 1));
    store.refuse = "busy";
    loop.start();
    await clock.fire();
    expect(warnings).toHaveLength(1);
    store.refuse = undefined;
    await clock.fire();
    expect(store.state.count("task")).toBe(1);
    await loop.stop();
  });

  it("stops after the writes under way, is deaf then, and begins anew when started", async () => {
    const { planner, asked } = createProbe((times) =>
      times === 1
        ? { ...nothing, changes: [{ type: "create", group: "a", object: makeTask("a", 1) }] }
        : nothing,
    );
    const second = createProbe();
    const { clock, store, loop } = setup(planner, second.planner);
    store.hold = true;
    loop.start();
    await clock.fire();
    let stopped = false;
    const stopping = loop.stop().then(() => (stopped = true));
    await settle();
    expect(stopped).toBe(false);
    loop.start();
    store.release();
    await stopping;
    expect(second.asked).toHaveLength(0);
    await clock.fire();
    expect([asked.length, second.asked.length]).toEqual([2, 1]);
    await loop.stop();
    store.put(makeNode("n1"));
    expect(clock.timers.size).toBe(0);
    expect(store.listening).toBe(false);
  });
});
