import type {
  Change,
  ChangeEvent,
  ObjectDraft,
  ObjectKind,
  SwarmObject,
  Transaction,
} from "@waggle/swarm-state";
import type { Clock } from "../../src/clock.ts";
import type { PlannerStore } from "../../src/loop/planner-loop.ts";
import { FakeState } from "../planner/fixtures.ts";

/** Time that is moved by hand. */
export class ManualClock implements Clock {
  nowMs = 100_000;
  readonly timers = new Set<{ readonly atMs: number; readonly call: () => void }>();

  now(): number {
    return this.nowMs;
  }

  setTimer(delayMs: number, call: () => void): () => void {
    const timer = { atMs: this.nowMs + delayMs, call };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** When the next timer ends, from now; `undefined` if none is set. */
  nextInMs(): number | undefined {
    const times = [...this.timers].map((timer) => timer.atMs - this.nowMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Goes to the next timer, calls it, and lets everything settle that it set off. */
  async fire(): Promise<void> {
    const [next] = [...this.timers].sort((a, b) => a.atMs - b.atMs);
    if (next === undefined) throw new RangeError("no timer is set");
    this.timers.delete(next);
    this.nowMs = Math.max(this.nowMs, next.atMs);
    next.call();
    await settle();
  }
}

/** Lets all promises that can go on do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

class FakeStoreError extends Error {
  override readonly name = "FakeStoreError";
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** A store on one node whose commits can be held back and refused. */
export class FakeStore implements PlannerStore {
  readonly state = new FakeState();
  readonly transactions: number[] = [];
  readonly #listeners = new Set<(event: ChangeEvent) => void>();
  readonly #held: (() => void)[] = [];
  hold = false;
  refuse: string | undefined;
  changesMax = Infinity;
  clock: ManualClock;

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  view(): FakeState {
    return this.state;
  }

  async update<T>(write: (tx: Transaction) => T): Promise<T> {
    const changes: Change[] = [];
    const result = write(this.#transaction(changes));
    if (this.refuse !== undefined) throw new FakeStoreError(this.refuse);
    if (changes.length > this.changesMax) throw new FakeStoreError("too-large");
    if (this.hold) await new Promise<void>((resolve) => this.#held.push(resolve));
    else await Promise.resolve();
    this.transactions.push(changes.length);
    this.commit(changes);
    return result;
  }

  release(): void {
    this.hold = false;
    for (const resolve of this.#held.splice(0)) resolve();
  }

  commit(changes: readonly Change[]): void {
    this.state.nowMs = this.clock.nowMs;
    for (const { type, object } of changes)
      if (type === "delete") this.state.remove(object.id);
      else this.state.put(object);
    for (const listener of this.#listeners)
      listener({ index: this.state.index, changes, restored: false });
  }

  /** Someone else's write. */
  put(...objects: SwarmObject[]): void {
    this.commit(objects.map((object) => ({ type: "update", object })));
  }

  subscribe(listener: (event: ChangeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  #transaction(changes: Change[]): Transaction {
    const { state } = this;
    const { nowMs } = this.clock;
    return {
      index: state.index,
      get: (kind, id) => state.get(kind, id),
      list: (kind) => state.list(kind),
      count: (kind) => state.count(kind),
      byName: () => state.byName(),
      tasksOfService: (id) => state.tasksOfService(id),
      tasksOfNode: (id) => state.tasksOfNode(id),
      tasksOfSlot: (id, slot) => state.tasksOfSlot(id, slot),
      create: <T extends SwarmObject>(draft: ObjectDraft<T>) => {
        const object = { ...draft, version: 0, createdAtMs: nowMs, updatedAtMs: nowMs };
        changes.push({ type: "create", object: object as SwarmObject });
      },
      update: (object) => {
        changes.push({ type: "update", object });
      },
      delete: (kind: ObjectKind, id) => {
        changes.push({ type: "delete", object: state.get(kind, id)! });
      },
    };
  }
}
