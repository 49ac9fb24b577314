import type { NodeId } from "@waggle/raft-core";

/**
 * What went wrong. `outcome` says what became of the call: `refused` means that the state is unchanged and will stay so,
 * `unknown` that the change may or may not take effect.
 *
 * | code | caused by | outcome | retry |
 * |---|---|---|---|
 * | `not-leader` | the caller's choice of member; `leader` says who leads, if known | refused | on the leader |
 * | `overloaded` | load: a limit on what waits is reached | refused | later |
 * | `stopped` | the caller: the node is stopped or failed | refused | on another member |
 * | `transfer-in-progress` | leadership is being handed over | refused | on the next leader |
 * | `leadership-lost` | the group | unknown | only if the change may be made twice |
 * | `stopped-in-flight` | the caller: the node stopped meanwhile | unknown | only if the change may be made twice |
 * | `aborted` | the caller's signal | refused before the entry was handed to Raft, unknown after | as the caller likes |
 * | `timeout` | the group: no quorum, or no answer in time | refused: a change of the members was not proposed yet; a transfer may still happen, and changes no state | later |
 * | `quorum-at-risk` | the caller: too few of the remaining voters are alive | refused | once more voters are alive |
 * | `not-caught-up` | the member that is to be a voter: it takes no entries, or too slowly; `progress` has the figures | refused: it stays a learner | once it runs well: the call goes on where it stands |
 * | `unsupported-change` | the caller: the change makes no sense from the present members | refused | no |
 * | `not-a-member` | the group: this node was removed | refused | no |
 * | `invalid-argument` | the caller | refused | no |
 * | `protocol` | a peer: it sent what no member sends | refused; its connection is closed | – |
 * | `state-machine` | the application: its state machine threw (see `cause`); the node stops | unknown | no |
 */
export type RaftNodeErrorCode =
  | "not-leader"
  | "overloaded"
  | "stopped"
  | "transfer-in-progress"
  | "leadership-lost"
  | "stopped-in-flight"
  | "aborted"
  | "timeout"
  | "quorum-at-risk"
  | "not-caught-up"
  | "unsupported-change"
  | "not-a-member"
  | "invalid-argument"
  | "protocol"
  | "state-machine";

/** What became of a call that was rejected. */
export type RaftNodeOutcome = "refused" | "unknown";

/** How far a member came that was not made a voter. */
export interface MemberProgress {
  readonly node: NodeId;
  /** It holds everything up to and with this index. */
  readonly match: number;
  /** The leader's last entry. */
  readonly lastIndex: number;
  /** Whether it goes on getting the log, without a vote. */
  readonly isLearner: boolean;
}

/** Details that an error carries besides its code. */
export interface RaftNodeErrorDetails {
  /** Default `refused`. */
  readonly outcome?: RaftNodeOutcome;
  /** Who leads, where that is known and helps. */
  readonly leader?: NodeId | undefined;
  /** With `not-caught-up`. */
  readonly progress?: MemberProgress | undefined;
  /** The error below this one. */
  readonly cause?: unknown;
}

const brand = Symbol.for("@waggle/raft.RaftNodeError");

/** The one error class of this package; see {@link RaftNodeErrorCode} for what each code means to the caller. */
export class RaftNodeError extends Error {
  override readonly name = "RaftNodeError";
  readonly code: RaftNodeErrorCode;
  readonly outcome: RaftNodeOutcome;
  readonly leader: NodeId | undefined;
  readonly progress: MemberProgress | undefined;

  constructor(code: RaftNodeErrorCode, message: string, details: RaftNodeErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.outcome = details.outcome ?? "refused";
    this.leader = details.leader;
    this.progress = details.progress;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link RaftNodeError}, also one of another copy of this package. */
export function isRaftNodeError(value: unknown): value is RaftNodeError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}
