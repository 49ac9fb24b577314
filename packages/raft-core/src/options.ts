import { STANDARD } from "./codec/format.ts";
import type { WireFormat } from "./codec/format.ts";
import type { WideIds } from "./codec/wide-ids.ts";
import { RaftOptionsError } from "./errors.ts";
import { isMemberId } from "./ids.ts";
import type { LogIndex, NodeId } from "./ids.ts";
import { PRIORITY_MAX } from "./limits.ts";
import type { InitialState } from "./raft.ts";
import type { RaftTracer } from "./trace.ts";

const MIB = 1024 * 1024;

/** Ticks without a word from the leader after which a member may campaign; a random part of as many is added. */
export const ELECTION_TICKS_DEFAULT = 10;
/** Ticks between two heartbeats. */
export const HEARTBEAT_TICKS_DEFAULT = 1;
/** Large enough to fill a link, small enough not to hold up heartbeats. */
export const BYTES_PER_APPEND_MAX_DEFAULT: number = MIB;
/** Enough for a thousand appends per second at a quarter of a second of delay. */
export const INFLIGHT_APPENDS_MAX_DEFAULT = 256;
/** Bounds what a slow peer costs in send buffers. */
export const INFLIGHT_BYTES_MAX_DEFAULT: number = 32 * MIB;
/** Bounds the tail that grows while no quorum answers. */
export const UNCOMMITTED_BYTES_MAX_DEFAULT: number = 64 * MIB;
/** Keeps one round of applying short. */
export const COMMITTED_BYTES_PER_READY_MAX_DEFAULT: number = 4 * MIB;

/** Settings of one member. All members should have the same ticks, pre-vote and check-quorum. */
export interface RaftOptions {
  /** Of this member; never that of another one, past or present. */
  readonly id: NodeId;
  /** What the store holds; `bootstrapState` for the first members of a new group. */
  readonly initial: InitialState;
  /** Ticks; default 10; more than `heartbeatTicks`. Ten times the heartbeat bears a few lost messages. */
  readonly electionTicks?: number;
  /** Ticks; default 1: a driver that needs finer heartbeats ticks more often. */
  readonly heartbeatTicks?: number;
  /** Default true: ask before raising the term, so that a member that was cut off does not disturb. */
  readonly preVote?: boolean;
  /** Default true: a leader that hears from no quorum steps down, and members near a live leader refuse votes. */
  readonly checkQuorum?: boolean;
  /** Bytes of entries; default 1 MiB. An append with one entry may be larger. Sizes count as said at `maxUncommittedBytes`. */
  readonly maxBytesPerAppend?: number;
  /** Appends per peer without an answer; default 256. */
  readonly maxInflightAppends?: number;
  /**
   * Bytes of entries per peer without an answer; default 32 MiB; at least `maxBytesPerAppend`. The last append may go
   * beyond. Both limits of one peer change at run time by `RaftCore.setInflightLimits`.
   */
  readonly maxInflightBytes?: number;
  /**
   * Default false. True: entries for a peer join the append to it that waits for the next Ready, up to
   * `maxBytesPerAppend`, so that many small proposals between two Readys leave as one message. As raft-rs's
   * `batch_append`. A tracer sees such an append as it was queued, and the same message object as it grew.
   */
  readonly batchAppends?: boolean;
  /**
   * Bytes of proposals that are not applied yet; default 64 MiB. Beyond: `uncommitted-limit`, unless nothing waits. As in
   * the limits per append and in flight, an entry counts its data and 24 bytes more, so that empty ones are bounded, too;
   * the reference counts data alone here and in flight, and the encoding per append. Entries that the core makes by itself
   * are never refused.
   */
  readonly maxUncommittedBytes?: number;
  /** Encoded bytes of committed entries that are being applied; default 4 MiB. One entry may be larger. */
  readonly maxCommittedBytesPerReady?: number;
  /** Uniform in [0, 1), 1 excluded; seeded in tests. Spreads elections; nothing else is random. */
  readonly random: () => number;
  /** How far the application has applied durably; default: the index of the snapshot. Entries after it come again. */
  readonly applied?: LogIndex;
  /**
   * Default false. True: writing and applying are asked for by requests to two threads, and the next Ready need not wait
   * for them (see `Ready.storage`).
   */
  readonly asyncStorageWrites?: boolean;
  /** Default true: a leader that is no voter any more steps down. False: it leads on, without counting itself. */
  readonly stepDownOnRemoval?: boolean;
  /** Default true: a follower hands proposals on to its leader. False: it refuses them with `not-leader`. */
  readonly forwardProposals?: boolean;
  /**
   * Default `quorum`: each read is confirmed by a round of heartbeats. `lease`: by having heard a quorum since the last quorum
   * check, and by a round only where that is not so or leadership is being handed over. Needs `checkQuorum`, clocks that run
   * at the same speed, messages that are not late by the time an election takes, and members that after a stop do not start
   * again within an election timeout: with less than that it may answer with an old state.
   */
  readonly readMode?: "quorum" | "lease";
  /**
   * Default true: a change of the members that cannot be made now is refused when it is proposed. False: it is put into
   * the log as it is, and whoever applies it has to deal with it.
   */
  readonly validateChanges?: boolean;
  /**
   * Whole, 0 to 2^31 − 1; default 0, which is neutral. A member refuses a candidate of lower priority that has the same
   * log, unless the election is a transfer: it prefers to lead itself. Never a matter of safety, and a member that is down or
   * behind holds nobody up. Adjustable by `setPriority`.
   */
  readonly priority?: number;
  /**
   * Default none. What the changes of the members, which are data of entries, call the nodes where ids are numbers of 64
   * bits, as etcd's are. Give the same to the codec. What `toWire` throws comes out of `proposeConfChange`.
   */
  readonly wideIds?: WideIds;
  /** Called on what happens inside, while it happens; default none. Must neither throw nor call the core. */
  readonly trace?: RaftTracer;
}

/** Options with the defaults filled in. */
export interface ResolvedOptions extends Required<
  Omit<RaftOptions, "applied" | "trace" | "wideIds">
> {
  /** How changes of the members are written in entries. */
  readonly wireFormat: WireFormat;
  readonly applied: LogIndex | undefined;
  readonly trace: RaftTracer | undefined;
}

function wholeAtLeast(name: string, value: number, minimum: number): number {
  if (Number.isSafeInteger(value) && value >= minimum) return value;
  throw new RaftOptionsError(
    "invalid-option",
    name,
    `${value} is not a whole number of at least ${minimum}`,
  );
}

/** True for an election priority: whole, 0 to `PRIORITY_MAX`. */
export function isPriority(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= PRIORITY_MAX;
}

/** Checks all options together. @throws RaftOptionsError `invalid-option`. */
export function resolveOptions(options: RaftOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    id: options.id,
    initial: options.initial,
    electionTicks: options.electionTicks ?? ELECTION_TICKS_DEFAULT,
    heartbeatTicks: options.heartbeatTicks ?? HEARTBEAT_TICKS_DEFAULT,
    preVote: options.preVote ?? true,
    checkQuorum: options.checkQuorum ?? true,
    maxBytesPerAppend: options.maxBytesPerAppend ?? BYTES_PER_APPEND_MAX_DEFAULT,
    maxInflightAppends: options.maxInflightAppends ?? INFLIGHT_APPENDS_MAX_DEFAULT,
    maxInflightBytes: options.maxInflightBytes ?? INFLIGHT_BYTES_MAX_DEFAULT,
    batchAppends: options.batchAppends ?? false,
    maxUncommittedBytes: options.maxUncommittedBytes ?? UNCOMMITTED_BYTES_MAX_DEFAULT,
    maxCommittedBytesPerReady:
      options.maxCommittedBytesPerReady ?? COMMITTED_BYTES_PER_READY_MAX_DEFAULT,
    asyncStorageWrites: options.asyncStorageWrites ?? false,
    stepDownOnRemoval: options.stepDownOnRemoval ?? true,
    forwardProposals: options.forwardProposals ?? true,
    readMode: options.readMode ?? "quorum",
    validateChanges: options.validateChanges ?? true,
    priority: options.priority ?? 0,
    random: options.random,
    applied: options.applied,
    trace: options.trace,
    wireFormat: options.wideIds === undefined ? STANDARD : { ids: options.wideIds },
  };
  checkRanges(resolved);
  if (resolved.readMode === "lease" && !resolved.checkQuorum)
    throw new RaftOptionsError("invalid-option", "readMode", "lease needs checkQuorum");
  return resolved;
}

function checkRanges(resolved: ResolvedOptions): void {
  if (!isMemberId(resolved.id))
    throw new RaftOptionsError(
      "invalid-option",
      "id",
      `${resolved.id} is not a positive whole number`,
    );
  wholeAtLeast("heartbeatTicks", resolved.heartbeatTicks, 1);
  wholeAtLeast("electionTicks", resolved.electionTicks, resolved.heartbeatTicks + 1);
  wholeAtLeast("maxBytesPerAppend", resolved.maxBytesPerAppend, 1);
  wholeAtLeast("maxInflightAppends", resolved.maxInflightAppends, 1);
  wholeAtLeast("maxInflightBytes", resolved.maxInflightBytes, resolved.maxBytesPerAppend);
  wholeAtLeast("maxUncommittedBytes", resolved.maxUncommittedBytes, 1);
  wholeAtLeast("maxCommittedBytesPerReady", resolved.maxCommittedBytesPerReady, 1);
  if (!isPriority(resolved.priority))
    throw new RaftOptionsError(
      "invalid-option",
      "priority",
      `${resolved.priority} is not a whole number from 0 to ${PRIORITY_MAX}`,
    );
  if (resolved.applied !== undefined) wholeAtLeast("applied", resolved.applied, 0);
}
