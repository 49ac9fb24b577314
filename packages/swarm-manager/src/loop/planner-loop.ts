import type { ChangeEvent, SwarmStore } from "@waggle/swarm-state";
import type { Clock } from "../clock.ts";
import { silentLogger } from "../logger.ts";
import type { Logger } from "../logger.ts";
import type { Planner, Reason } from "../planner/planner.ts";
import { OVERTAKEN_RETRY_MS, RUN_SPACING_MS, TIMER_MS_MAX } from "./limits.ts";
import { writePlan } from "./plan-writer.ts";
import { createPlannerDuty } from "./planner-duty.ts";
import type { PlannerDuty } from "./planner-duty.ts";
import { createReasonLog } from "./reason-log.ts";

/** What the loop needs of a store. */
export type PlannerStore = Pick<SwarmStore, "view" | "update" | "subscribe">;

export interface PlannerLoopOptions {
  readonly store: PlannerStore;
  /** Asked in this order; each sees what those before it have written. */
  readonly planners: readonly Planner[];
  readonly clock: Clock;
  /** Default: nothing is said. */
  readonly logger?: Logger;
}

/**
 * Runs planners on the leader. It sleeps until the store changes or a planner's time has come, asks the planners whose
 * objects changed, writes what they plan, and waits until it is applied before it goes on. It never polls.
 *
 * A planner that throws, or whose changes the store refuses, is asked again after a pause that grows from 0.1 to 10
 * seconds; the others go on meanwhile. A change overtaken by someone else's is dropped and planned anew.
 */
export interface PlannerLoop {
  /** To be called when this node has begun to lead: every planner first looks at the whole state. Twice does nothing. */
  start(): void;
  /** Plans nothing more. Resolves when the writes under way have ended; a stopped loop can be started again. */
  stop(): Promise<void>;
  /** Why the object is as it is, as far as planners of this node had a hand in it: newest last, at most eight. */
  explain(objectId: string): readonly Reason[];
}

export function createPlannerLoop(options: PlannerLoopOptions): PlannerLoop {
  return new Loop(options);
}

class Loop implements PlannerLoop {
  readonly #options: PlannerLoopOptions;
  readonly #reasons = createReasonLog();
  #duties: readonly PlannerDuty[] = [];
  #unsubscribe: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Infinity;
  #running: Promise<void> | undefined;
  #runEndedAtMs = -Infinity;

  constructor(options: PlannerLoopOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#unsubscribe !== undefined) return;
    this.#duties = this.#options.planners.map(createPlannerDuty);
    this.#unsubscribe = this.#options.store.subscribe((event) => this.#onEvent(event));
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#duties = [];
    this.#disarm();
    await this.#running;
  }

  explain(objectId: string): readonly Reason[] {
    return this.#reasons.of(objectId);
  }

  #onEvent(event: ChangeEvent): void {
    for (const { type, object } of event.changes)
      if (type === "delete") this.#reasons.forget(object.id);
    for (const duty of this.#duties) duty.note(event);
    this.#schedule();
  }

  /** Sets the timer for the earliest duty, unless a run is under way: that schedules when it ends. */
  #schedule(): void {
    if (this.#running !== undefined) return;
    let dueAtMs = Infinity;
    for (const duty of this.#duties) dueAtMs = Math.min(dueAtMs, duty.dueAtMs() ?? Infinity);
    if (dueAtMs === Infinity) return;
    const { clock } = this.#options;
    const nowMs = clock.now();
    // A clock that was set back must not hold the next run off: at most one spacing from now.
    const spacedAtMs = Math.min(this.#runEndedAtMs, nowMs) + RUN_SPACING_MS;
    const atMs = Math.max(dueAtMs, spacedAtMs, nowMs);
    if (atMs >= this.#timerAtMs) return;
    this.#disarm();
    this.#timerAtMs = atMs;
    this.#cancelTimer = clock.setTimer(Math.min(atMs - nowMs, TIMER_MS_MAX), () => this.#onTimer());
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#timerAtMs = Infinity;
  }

  #onTimer(): void {
    this.#disarm();
    // A run of before a stop and start may still be waiting for its writes; it schedules when it ends.
    if (this.#running !== undefined) return;
    this.#running = this.#run(this.#duties).finally(() => {
      this.#running = undefined;
      this.#runEndedAtMs = this.#options.clock.now();
      this.#schedule();
    });
  }

  async #run(duties: readonly PlannerDuty[]): Promise<void> {
    for (const duty of duties) {
      if (this.#duties !== duties) return;
      const nowMs = this.#options.clock.now();
      if ((duty.dueAtMs() ?? Infinity) > nowMs) continue;
      try {
        await this.#ask(duty, nowMs);
        duty.succeeded();
      } catch (error) {
        if (this.#duties !== duties) return;
        duty.failed(this.#options.clock.now());
        const { name } = duty.planner;
        const { logger = silentLogger } = this.#options;
        logger.warn({ planner: name, error }, "planner failed; it is asked again");
      }
    }
  }

  async #ask(duty: PlannerDuty, nowMs: number): Promise<void> {
    const { store } = this.#options;
    const dirty = duty.take(nowMs);
    const all = dirty === "all";
    const plan = all
      ? duty.planner.plan(store.view(), nowMs)
      : duty.planner.plan(store.view(), nowMs, dirty);
    duty.planned({ all, wakeAtMs: plan.wakeAtMs });
    for (const reason of plan.reasons) this.#reasons.add(reason);
    if (plan.changes.length === 0) return;
    const skipped = await writePlan(store, plan.changes);
    // What overtook it usually arrives as an event; should it never be committed, this look finds out.
    if (skipped > 0) duty.lookAgainAt(nowMs + OVERTAKEN_RETRY_MS);
  }
}
