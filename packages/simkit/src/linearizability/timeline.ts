import type { Operation } from "./operation.ts";

/** A call or a return of an operation, in a list in the order of time. Operations of unknown outcome have no return. */
export interface TimelineEvent<Input, Output> {
  /** Number of the operation, by the order of calls. */
  readonly id: number;
  readonly operation: Operation<Input, Output>;
  readonly kind: "call" | "return";
  /** The return of a call. */
  match: TimelineEvent<Input, Output> | undefined;
  previous: TimelineEvent<Input, Output> | undefined;
  next: TimelineEvent<Input, Output> | undefined;
}

type Event<Input, Output> = TimelineEvent<Input, Output>;

/** Puts operations on a line. Returns its first event, and how many operations did return. */
export function timelineOf<Input, Output>(
  operations: readonly Operation<Input, Output>[],
): { readonly first: Event<Input, Output> | undefined; readonly returns: number } {
  const calls = [...operations].sort((a, b) => a.calledAt - b.calledAt);
  const timed: { readonly at: number; readonly event: Event<Input, Output> }[] = [];
  let returns = 0;
  for (const [id, operation] of calls.entries()) {
    const call = eventOf(id, operation, "call");
    timed.push({ at: operation.calledAt, event: call });
    if (operation.output === undefined) continue;
    returns += 1;
    call.match = eventOf(id, operation, "return");
    timed.push({ at: operation.returnedAt, event: call.match });
  }
  timed.sort((a, b) => a.at - b.at || rank(a.event) - rank(b.event));
  for (const [at, { event }] of timed.entries()) {
    event.previous = timed[at - 1]?.event;
    event.next = timed[at + 1]?.event;
  }
  return { first: timed[0]?.event, returns };
}

function eventOf<Input, Output>(
  id: number,
  operation: Operation<Input, Output>,
  kind: "call" | "return",
): Event<Input, Output> {
  return { id, operation, kind, match: undefined, previous: undefined, next: undefined };
}

function rank({ kind }: Event<unknown, unknown>): number {
  return kind === "call" ? 0 : 1;
}
