import type { NodeId } from "../ids.ts";

export interface ConfChangeSingle {
  readonly type: "add-voter" | "add-learner" | "remove" | "update";
  readonly node: NodeId;
}

/**
 * A change of the members (raftpb ConfChangeV2). One change takes effect in a single step; several need joint
 * consensus (thesis, 4.3).
 */
export interface ConfChange {
  readonly transition: "auto" | "joint-implicit" | "joint-explicit";
  readonly changes: readonly ConfChangeSingle[];
  /** The application's own bytes, carried along unread. */
  readonly context: Uint8Array;
}
