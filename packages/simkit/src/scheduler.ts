import { assert } from "./internal/assert.ts";
import { EventHeap } from "./internal/event-heap.ts";
import { eventsMaxDefault } from "./limits.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";

/** Runs callbacks in virtual time, ordered by due time, then by the order in which they were scheduled. */
export interface Scheduler {
  /** Virtual milliseconds. */
  now(): number;
  /** Calls `run` after `delayMs` (negative counts as 0). Returns a cancel that may be called at any time, repeatedly. */
  schedule(delayMs: number, run: () => void): () => void;
  /** Moves to the next event and runs it. False when none is left. What the callback throws comes out here. */
  step(): boolean;
  /** Runs all events due up to and including `timeMs`, then stands at `timeMs`. Returns the number of events run. */
  runUntil(timeMs: number): number;
  /** Runs until no event is left or `eventsMax` were run. */
  runUntilIdle(options?: { readonly eventsMax?: number }): {
    readonly events: number;
    readonly idle: boolean;
  };
  /** Events run since the start. */
  readonly eventsRun: number;
  /** Events waiting, without the cancelled ones. */
  readonly pending: number;
}

export interface SchedulerOptions {
  /** Default: a clock at 0. */
  readonly clock?: VirtualClock;
}

/** A scheduler with nothing to do. */
export function createScheduler(options: SchedulerOptions = {}): Scheduler {
  return new VirtualScheduler(options.clock ?? createVirtualClock());
}

class VirtualScheduler implements Scheduler {
  readonly #clock: VirtualClock;
  readonly #heap = new EventHeap();
  #sequence = 0;
  #cancelled = 0;
  #eventsRun = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get eventsRun(): number {
    return this.#eventsRun;
  }

  get pending(): number {
    return this.#heap.size - this.#cancelled;
  }

  now(): number {
    return this.#clock.now();
  }

  schedule(delayMs: number, run: () => void): () => void {
    assert(Number.isFinite(delayMs), `bad delay: ${delayMs}`);
    this.#sequence += 1;
    const atMs = this.now() + Math.max(0, delayMs);
    const event = { atMs, sequence: this.#sequence, run: run as (() => void) | undefined };
    this.#heap.push(event);
    return () => {
      if (event.run === undefined) return;
      event.run = undefined;
      this.#cancelled += 1;
    };
  }

  step(): boolean {
    const event = this.#next();
    if (event === undefined) return false;
    this.#heap.pop();
    const run = event.run;
    event.run = undefined;
    this.#clock.advanceTo(event.atMs);
    this.#eventsRun += 1;
    run?.();
    return true;
  }

  runUntil(timeMs: number): number {
    let events = 0;
    for (;;) {
      const event = this.#next();
      if (event === undefined || event.atMs > timeMs) break;
      this.step();
      events += 1;
      assert(events <= eventsMaxDefault, `more than ${eventsMaxDefault} events in one run`);
    }
    if (timeMs > this.now()) this.#clock.advanceTo(timeMs);
    return events;
  }

  runUntilIdle(options: { readonly eventsMax?: number } = {}): { events: number; idle: boolean } {
    const eventsMax = options.eventsMax ?? eventsMaxDefault;
    let events = 0;
    while (events < eventsMax && this.step()) events += 1;
    return { events, idle: this.#next() === undefined };
  }

  /** The next event that was not cancelled; drops the cancelled ones before it. */
  #next(): ReturnType<EventHeap["peek"]> {
    for (;;) {
      const event = this.#heap.peek();
      if (event === undefined || event.run !== undefined) return event;
      this.#heap.pop();
      this.#cancelled -= 1;
    }
  }
}
