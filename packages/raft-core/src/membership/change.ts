import type { NodeId } from "../ids.ts";

/**
 * What becomes of one node. `add-voter` also promotes a learner, `add-learner` also demotes a voter; `update` changes no
 * member and is for the application. Node 0 stands for a change that the application took back: it does nothing.
 */
export interface ConfChangeSingle {
  readonly type: "add-voter" | "add-learner" | "remove" | "update";
  readonly node: NodeId;
}

/**
 * A change of the members (raftpb ConfChangeV2). One change takes effect in a single step; several need joint
 * consensus (thesis, 4.3).
 */
export interface ConfChange {
  /**
   * `auto`: in a single step where one change allows it, else by way of two quorums, which are left by themselves.
   * `joint-implicit`: always by way of two quorums. `joint-explicit`: the same, and left only by a further change, one that
   * is `auto` and without `changes`.
   */
  readonly transition: "auto" | "joint-implicit" | "joint-explicit";
  /** At most `CHANGES_MAX`, done in order. */
  readonly changes: readonly ConfChangeSingle[];
  /** The application's own bytes, carried along unread. */
  readonly context: Uint8Array;
}
