import type { Operation, SequentialModel } from "./operation.ts";
import { timelineOf } from "./timeline.ts";
import type { TimelineEvent } from "./timeline.ts";

interface Choice<State, Input, Output> {
  readonly call: TimelineEvent<Input, Output>;
  /** The state before it. */
  readonly before: State;
}

/** The search for one order of the operations of one part. */
export class Search<State, Input, Output> {
  readonly #model: SequentialModel<State, Input, Output>;
  readonly #statesMax: number;
  #first: TimelineEvent<Input, Output> | undefined;
  /** Operations with a return that have no place in the order yet. */
  #open: number;
  #state: State;
  readonly #chosen: Choice<State, Input, Output>[] = [];
  readonly #taken: boolean[];
  /** All operations below are taken. */
  #floor = 0;
  /** The highest that ever was: as calls are numbered in their order, not far above the floor. */
  #highest = -1;
  readonly #seen = new Set<string>();
  #deepest: readonly Operation<Input, Output>[] = [];
  #stuck: readonly Operation<Input, Output>[] = [];

  constructor(
    model: SequentialModel<State, Input, Output>,
    operations: readonly Operation<Input, Output>[],
    statesMax: number,
  ) {
    const { first, returns } = timelineOf(operations);
    this.#model = model;
    this.#statesMax = statesMax;
    this.#first = first;
    this.#open = returns;
    this.#state = model.initial;
    this.#taken = operations.map(() => false);
  }

  run(): "linearizable" | "violation" | "undecided" {
    let event = this.#first;
    while (this.#open > 0) {
      // Whatever returns here must have taken effect before: with it still open, some choice was wrong.
      if (event?.kind !== "call") {
        this.#noteDeepest();
        const undone = this.#undo();
        if (undone === undefined) return "violation";
        event = undone.next;
      } else if (this.#take(event)) {
        if (this.#seen.size > this.#statesMax) return "undecided";
        event = this.#first;
      } else event = event.next;
    }
    return "linearizable";
  }

  deepest(): {
    readonly explained: readonly Operation<Input, Output>[];
    readonly stuck: readonly Operation<Input, Output>[];
  } {
    return { explained: this.#deepest, stuck: this.#stuck };
  }

  /** Puts an operation next in the order, if the model allows it and this was not tried before. */
  #take(call: TimelineEvent<Input, Output>): boolean {
    const { input, output } = call.operation;
    const after = this.#model.step(this.#state, input, output);
    if (after === undefined) return false;
    this.#mark(call.id, true);
    if (this.#known(after)) {
      this.#mark(call.id, false);
      return false;
    }
    this.#chosen.push({ call, before: this.#state });
    this.#state = after;
    this.#unlink(call);
    if (call.match !== undefined) {
      this.#unlink(call.match);
      this.#open -= 1;
    }
    return true;
  }

  #undo(): TimelineEvent<Input, Output> | undefined {
    const last = this.#chosen.pop();
    if (last === undefined) return undefined;
    const { call, before } = last;
    if (call.match !== undefined) {
      this.#relink(call.match);
      this.#open += 1;
    }
    this.#relink(call);
    this.#state = before;
    this.#mark(call.id, false);
    return call;
  }

  #known(state: State): boolean {
    const { size } = this.#seen;
    const key = `${this.#takenKey()}|${this.#model.fingerprint(state)}`;
    return this.#seen.add(key).size === size;
  }

  /** The taken operations: nearly all are those below the floor, and the rest are as few as ran at the same time. */
  #takenKey(): string {
    let key = String(this.#floor);
    for (let id = this.#floor + 1; id <= this.#highest; id += 1)
      if (this.#taken[id] === true) key += `,${id}`;
    return key;
  }

  #mark(id: number, taken: boolean): void {
    this.#taken[id] = taken;
    this.#highest = Math.max(this.#highest, id);
    if (!taken) this.#floor = Math.min(this.#floor, id);
    while (this.#taken[this.#floor] === true) this.#floor += 1;
  }

  #unlink(event: TimelineEvent<Input, Output>): void {
    if (event.previous === undefined) this.#first = event.next;
    else event.previous.next = event.next;
    if (event.next !== undefined) event.next.previous = event.previous;
  }

  #relink(event: TimelineEvent<Input, Output>): void {
    if (event.previous === undefined) this.#first = event;
    else event.previous.next = event;
    if (event.next !== undefined) event.next.previous = event;
  }

  #noteDeepest(): void {
    if (this.#chosen.length < this.#deepest.length) return;
    if (this.#chosen.length === this.#deepest.length && this.#stuck.length > 0) return;
    this.#deepest = this.#chosen.map(({ call }) => call.operation);
    const stuck: Operation<Input, Output>[] = [];
    for (let event = this.#first; event?.kind === "call"; event = event.next)
      stuck.push(event.operation);
    this.#stuck = stuck;
  }
}
