import { linearizationStatesMaxDefault } from "../limits.ts";
import type { Operation, SequentialModel } from "./operation.ts";
import { Search } from "./search.ts";

/** What became of a check. */
export type Verdict<Input, Output> =
  | { readonly kind: "linearizable" }
  /** No order of the operations explains their outputs. */
  | {
      readonly kind: "violation";
      /** The part that has none; empty for a model without parts. */
      readonly partition: string;
      /** The longest order found, … */
      readonly explained: readonly Operation<Input, Output>[];
      /** … and what overlapped at its end and could not follow. */
      readonly stuck: readonly Operation<Input, Output>[];
    }
  /** The limit of states was reached before a verdict. */
  | { readonly kind: "undecided"; readonly partition: string };

/**
 * Can the operations be put into one order, each at a moment between its call and its return, in which the model gives
 * the same outputs (Herlihy & Wing 1990)? Searches as Wing & Gong (1993), and never twice from the same set of operations and
 * state (Lowe 2017), each independent part by itself (Horn & Kroening 2015). Exact, and exponential in the worst case:
 * many operations of unknown outcome on one part are what makes it slow.
 */
export function checkLinearizable<State, Input, Output>(
  model: SequentialModel<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  { statesMax = linearizationStatesMaxDefault }: { readonly statesMax?: number } = {},
): Verdict<Input, Output> {
  let undecided: Verdict<Input, Output> | undefined;
  for (const [partition, operations] of partsOf(model, history)) {
    const search = new Search(model, operations, statesMax);
    const outcome = search.run();
    if (outcome === "violation") return { kind: "violation", partition, ...search.deepest() };
    if (outcome === "undecided") undecided ??= { kind: "undecided", partition };
  }
  return undecided ?? { kind: "linearizable" };
}

function partsOf<Input, Output>(
  model: Pick<SequentialModel<unknown, Input, Output>, "partition">,
  history: readonly Operation<Input, Output>[],
): Map<string, Operation<Input, Output>[]> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of history) {
    const name = model.partition?.(operation.input) ?? "";
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [operation]);
    else part.push(operation);
  }
  return parts;
}
