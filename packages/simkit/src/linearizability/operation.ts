/**
 * One call of one client, from call to return. Times are of any one clock; only their order counts. Of two times that are
 * equal, a call comes before a return: operations that touch overlap.
 */
export interface Operation<Input, Output> {
  /** Who called; for messages only. */
  readonly client: string;
  readonly input: Input;
  /** Undefined when the outcome is unknown: it may have taken effect at any time after the call, or never. */
  readonly output: Output | undefined;
  readonly calledAt: number;
  /** Ignored when the outcome is unknown. */
  readonly returnedAt: number;
}

/** What an object does when it is used by one client after the other. */
export interface SequentialModel<State, Input, Output> {
  readonly initial: State;
  /**
   * The state after the operation; undefined when it cannot have this output here. With an output of undefined, whose
   * outcome is unknown: the state if it takes effect. Must not change `state`.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Equal for equal states, and different for different ones. */
  fingerprint(state: State): string;
  /**
   * Which part of the object an input touches, when parts are independent of one another: each is then checked alone, which
   * is very much faster. Default: one part.
   */
  partition?(input: Input): string;
}
