import { taskStateRank } from "@waggle/swarm-state";
import type { Task, TaskState } from "@waggle/swarm-state";
import { createOrchestrator } from "../../src/planner/orchestrator.ts";
import { createReaper } from "../../src/planner/reaper.ts";
import { createScheduler } from "../../src/planner/scheduler.ts";
import { createUpdater } from "../../src/planner/updater.ts";
import { createPlannerDuty } from "../../src/loop/planner-duty.ts";
import type { PlannerDuty } from "../../src/loop/planner-duty.ts";
import { createIds, createRandom } from "./fixtures.ts";
import type { FakeState } from "./fixtures.ts";

const agentSteps: readonly TaskState[] = [
  "assigned",
  "accepted",
  "preparing",
  "ready",
  "starting",
  "running",
];

/** A whole swarm in one thread: planners as a leader runs them, and agents that move tasks on. */
export class Simulation {
  readonly state: FakeState;
  readonly random: () => number;
  #duties: readonly PlannerDuty[] = [];
  readonly #newId = createIds();
  /** Chance that a running task fails in one step. */
  failureChance = 0;
  /** Tasks of these spec versions fail as soon as they start. */
  readonly brokenVersions = new Set<number>();
  /** Called after each step. */
  onStep: () => void = () => undefined;

  constructor(seed: number, state: FakeState) {
    this.state = state;
    this.random = createRandom(seed);
    this.electLeader();
    state.onChange = (change) => {
      const event = { index: state.index, changes: [change], restored: false };
      for (const duty of this.#duties) duty.note(event);
    };
  }

  /** A new leader knows nothing but the state. */
  electLeader(): void {
    const options = { newId: this.#newId };
    this.#duties = [
      createOrchestrator(options),
      createUpdater(options),
      createScheduler(),
      createReaper(),
    ].map(createPlannerDuty);
  }

  /**
   * Everything that planners want at this moment, until they want no more; asked about changed objects only, as the loop
   * does. `state.run` checks that a look at the whole state would not have found more.
   */
  plan(): number {
    const { state } = this;
    let changes = 0;
    for (let round = 0; this.#dueAtMs() <= state.nowMs; round++) {
      if (round > 20) throw new RangeError("the planners do not come to rest");
      for (const duty of this.#duties) {
        if ((duty.dueAtMs() ?? Infinity) > state.nowMs) continue;
        const dirty = duty.take(state.nowMs);
        const all = dirty === "all";
        const plan = state.run(duty.planner, all ? undefined : dirty);
        duty.planned({ all, wakeAtMs: plan.wakeAtMs });
        changes += plan.changes.length;
      }
    }
    return changes;
  }

  #dueAtMs(): number {
    return Math.min(...this.#duties.map((duty) => duty.dueAtMs() ?? Infinity));
  }

  /** One step of time: some agents get on with some tasks, then the planners. Returns whether anything happened. */
  step(): boolean {
    let moved = 0;
    for (const task of this.state.list("task")) moved += this.#moveTask(task) ? 1 : 0;
    const planned = this.plan();
    this.onStep();
    if (moved + planned === 0) {
      if (this.#dueAtMs() === Infinity) return false;
      this.state.nowMs = Math.max(this.#dueAtMs(), this.state.nowMs + 1);
      return true;
    }
    this.state.nowMs += 100;
    return true;
  }

  untilQuiet(stepsMax = 5_000): void {
    for (let step = 0; step < stepsMax; step++) if (!this.step()) return;
    throw new RangeError(`not quiet: ${this.state.summary().join("; ")}`);
  }

  #moveTask(task: Task): boolean {
    const node = this.state.get("node", task.nodeId);
    if (node?.status.state !== "ready") return false;
    const rank = taskStateRank(task.status.state);
    if (rank > taskStateRank("running")) return false;
    if (task.desiredState === "shutdown" || task.desiredState === "remove") {
      if (this.random() < 0.5) this.state.setState(task.id, "shutdown");
      return true;
    }
    if (this.random() < this.failureChance) {
      this.state.setState(task.id, rank < taskStateRank("starting") ? "rejected" : "failed");
      return true;
    }
    if (this.brokenVersions.has(task.specVersion) && task.status.state === "starting") {
      this.state.setState(task.id, "failed");
      return true;
    }
    const next = agentSteps[agentSteps.indexOf(task.status.state) + 1];
    if (next === undefined || (next === "starting" && task.desiredState === "ready")) return false;
    if (this.random() < 0.7) this.state.setState(task.id, next);
    return true;
  }

  /** Tasks meant to run, by slot. */
  liveBySlot(serviceId: string): Map<number, Task[]> {
    const slots = new Map<number, Task[]>();
    for (const task of this.state.tasksOfService(serviceId)) {
      if (task.desiredState !== "running" && task.desiredState !== "ready") continue;
      slots.set(task.slot, [...(slots.get(task.slot) ?? []), task]);
    }
    return slots;
  }

  runningSlots(serviceId: string): number {
    return [...this.liveBySlot(serviceId).values()].filter((tasks) =>
      tasks.some((task) => task.status.state === "running"),
    ).length;
  }
}
