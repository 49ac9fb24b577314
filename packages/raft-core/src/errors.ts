import type { LogIndex, NodeId } from "./ids.ts";

const RAFT_BRAND = Symbol.for("@waggle/raft-core.RaftError");
const OPTIONS_BRAND = Symbol.for("@waggle/raft-core.RaftOptionsError");

/**
 * Why a call was refused, with what there is to know about it. The state never changed.
 *
 * | code | caused by | retry |
 * |---|---|---|
 * | `no-leader` | the group: nobody leads, or this node campaigns | later |
 * | `not-leader` | the caller: `leader` leads, and this is not handed on to it | at the leader |
 * | `transfer-in-progress` | an earlier call: leadership goes to `transferee` | later: after one election timeout at most |
 * | `uncommitted-limit` | load: `bytes` more than the `waitingBytes` would pass `maxBytes` | later |
 * | `not-a-member` | a change of the members: this node was removed | never, here |
 * | `change-in-flight` | an earlier change, which may stand up to `index`, while only `applied` is applied | after apply |
 * | `joint-configuration` | an earlier change: the joint configuration must be left first | after apply of that |
 * | `not-joint` | the caller: there is no joint configuration to leave | never |
 * | `unsupported-change` | the caller: `reason` | never |
 * | `no-transferee` | the group: there is no other voter to choose | later |
 * | `unsupported-transfer` | the caller: `reason` | never |
 * | `read-limit` | load: `waiting` linearizable reads wait | later |
 * | `invalid-message` | `peer`, or the wire: no correct peer sends such a message | never: drop it |
 * | `invalid-argument` | a bug of the caller: it broke a rule that the method documents | never |
 * | `out-of-turn` | a bug of the driver: `ready()` before the last was advanced, or `advance()` without one | never |
 */
export type RaftErrorDetails =
  | { readonly code: "no-leader" }
  | { readonly code: "not-leader"; readonly leader: NodeId }
  | { readonly code: "transfer-in-progress"; readonly transferee: NodeId }
  | {
      readonly code: "uncommitted-limit";
      readonly bytes: number;
      readonly waitingBytes: number;
      readonly maxBytes: number;
    }
  | { readonly code: "not-a-member" }
  | { readonly code: "change-in-flight"; readonly index: LogIndex; readonly applied: LogIndex }
  | { readonly code: "joint-configuration" }
  | { readonly code: "not-joint" }
  | { readonly code: "unsupported-change"; readonly reason: UnsupportedChange }
  | { readonly code: "no-transferee" }
  | {
      readonly code: "unsupported-transfer";
      readonly reason: UnsupportedTransfer;
      readonly to: NodeId;
    }
  | { readonly code: "read-limit"; readonly waiting: number }
  | { readonly code: "invalid-message"; readonly peer: NodeId }
  | { readonly code: "invalid-argument" }
  | { readonly code: "out-of-turn" };

/**
 * What is wrong with a change of the members: no voter would be left, or there is none to start from; several voters in one
 * step; more members or changes than the limits allow; a node id or a kind of change that does not exist; or members
 * that contradict each other.
 */
export type UnsupportedChange =
  | "no-voters"
  | "several-voters"
  | "too-many-members"
  | "too-many-changes"
  | "not-a-node-id"
  | "unknown-type"
  | "contradiction";

/** Why leadership cannot go to a node: it leads already, has no vote, or is no member. */
export type UnsupportedTransfer = "already-leader" | "learner" | "not-a-member";

/** What {@link RaftErrorDetails} are told apart by. */
export type RaftErrorCode = RaftErrorDetails["code"];

/**
 * Is the same call worth another try? `later`: here, after a while; `at-leader`: at once, on the node that leads;
 * `after-apply`: here, once what is committed has been applied; `never`: not on this node.
 */
export type RaftRetry = "later" | "at-leader" | "after-apply" | "never";

const RETRY: Readonly<Record<RaftErrorCode, RaftRetry>> = {
  "no-leader": "later",
  "not-leader": "at-leader",
  "transfer-in-progress": "later",
  "uncommitted-limit": "later",
  "not-a-member": "never",
  "change-in-flight": "after-apply",
  "joint-configuration": "after-apply",
  "not-joint": "never",
  "unsupported-change": "never",
  "no-transferee": "later",
  "unsupported-transfer": "never",
  "read-limit": "later",
  "invalid-message": "never",
  "invalid-argument": "never",
  "out-of-turn": "never",
};

/** A call or a message that was refused; {@link RaftErrorDetails} says why. The state is unchanged. */
export class RaftError extends Error {
  override readonly name = "RaftError";
  readonly code: RaftErrorCode;
  /** Is trying again sound, and when? Follows from the code. */
  readonly retry: RaftRetry;
  /** The code again, with what belongs to it: `switch (error.details.code)`. */
  readonly details: RaftErrorDetails;

  constructor(details: RaftErrorDetails, message: string) {
    super(message);
    this.code = details.code;
    this.retry = RETRY[details.code];
    this.details = details;
    Object.defineProperty(this, RAFT_BRAND, { value: true });
  }
}

/** Says whether `value` is a {@link RaftError}, also one of another copy of this package. */
export function isRaftError(value: unknown): value is RaftError {
  return typeof value === "object" && value !== null && Reflect.get(value, RAFT_BRAND) === true;
}

/**
 * - `invalid-option`: a value is out of its range or does not fit the others. Caused by the caller.
 * - `invalid-initial-state`: what the store gave contradicts itself. Caused by the store: its data are damaged; do not
 *   start the member, remove it from the group and add it anew.
 */
export type RaftOptionsErrorCode = "invalid-option" | "invalid-initial-state";

/** The core was not created. Retrying with the same options is of no use. */
export class RaftOptionsError extends Error {
  override readonly name = "RaftOptionsError";
  readonly code: RaftOptionsErrorCode;
  /** Name of the option at fault. */
  readonly option: string;

  constructor(code: RaftOptionsErrorCode, option: string, message: string) {
    super(`${option}: ${message}`);
    this.code = code;
    this.option = option;
    Object.defineProperty(this, OPTIONS_BRAND, { value: true });
  }
}

/** Says whether `value` is a {@link RaftOptionsError}, also one of another copy of this package. */
export function isRaftOptionsError(value: unknown): value is RaftOptionsError {
  return typeof value === "object" && value !== null && Reflect.get(value, OPTIONS_BRAND) === true;
}
