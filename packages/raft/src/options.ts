import type { Clock } from "./clock.ts";
import type { NodeId, RaftTracer } from "@waggle/raft-core";
import type { PeerConnection } from "./network/connection.ts";
import type { RaftStore } from "@waggle/raft-storage";
import type { StateMachine } from "./state-machine.ts";
import { systemClock } from "./clock.ts";
import { RaftNodeError } from "./errors.ts";
import {
  APPLY_QUEUE_BYTES_MAX_DEFAULT,
  INBOUND_BYTES_MAX_DEFAULT,
  PENDING_BYTES_MAX_DEFAULT,
  PENDING_PROPOSALS_MAX_DEFAULT,
  SNAPSHOT_BYTES_MAX_DEFAULT,
} from "./limits.ts";

/** Opens a connection to a peer for a protocol. Rejects when the peer cannot be reached, and when the signal aborts. */
export type Dial = (
  peer: NodeId,
  protocol: string,
  options: { readonly signal: AbortSignal },
) => Promise<PeerConnection>;

/** Where a node tells what it does, for people. */
export interface RaftLogger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Limits on what waits inside a node. */
export interface RaftNodeLimits {
  /** Proposals without a result. Default 16 384. */
  readonly pendingProposalsMax: number;
  /** Bytes of proposals without a result. Default 32 MiB. */
  readonly pendingBytesMax: number;
  /** Bytes of entries that are committed and not yet applied. Default 32 MiB. */
  readonly applyQueueBytesMax: number;
  /** Bytes received from peers and not yet durable. Default 32 MiB. */
  readonly inboundBytesMax: number;
  /** Bytes of a snapshot taken from a peer. Default 1 GiB. */
  readonly snapshotBytesMax: number;
}

/** Settings of one running member. */
export interface RaftNodeOptions {
  /** Never used before by another member of this group. */
  readonly id: NodeId;
  /** The node alone uses it from here on, and closes it when it stops. */
  readonly store: RaftStore;
  /** Empty: it is brought up from the snapshot and the log. */
  readonly stateMachine: StateMachine;
  readonly dial: Dial;
  /** Uniform in [0, 1). Spreads elections and redials. */
  readonly random: () => number;
  /** Default: this machine's. */
  readonly clock?: Clock;
  /** The first members of a new group, the same for each of them. Only used when the store is empty. */
  readonly bootstrap?: { readonly voters: readonly NodeId[] } | undefined;
  /** Milliseconds of one tick. Default 50. */
  readonly tickMs?: number;
  /** Ticks without a leader after which a member may campaign; a random part of as many is added. Default 10. */
  readonly electionTicks?: number;
  /** Ticks between heartbeats. Default 2. */
  readonly heartbeatTicks?: number;
  /** Ask the others before raising the term, so that a member that was cut off does not disturb. Default true. */
  readonly preVote?: boolean;
  /** A leader that hears from no quorum steps down, and members near a live leader refuse votes. Default true. */
  readonly checkQuorum?: boolean;
  /** Entries after which a snapshot is taken, at least 1. A function is asked whenever one may be due. Default 10 000. */
  readonly snapshotIntervalEntries?: number | (() => number);
  /**
   * Entries before the snapshot that are kept, so that a peer a little behind needs no snapshot; at least 0. A function is
   * asked at every snapshot. Default 500.
   */
  readonly trailingEntries?: number | (() => number);
  readonly limits?: Partial<RaftNodeLimits>;
  /** Default: silent. */
  readonly logger?: RaftLogger;
  /** Called on what happens inside the core. Default: nothing. */
  readonly trace?: RaftTracer;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends Required<
  Omit<
    RaftNodeOptions,
    "bootstrap" | "limits" | "snapshotIntervalEntries" | "trace" | "trailingEntries"
  >
> {
  readonly snapshotIntervalEntries: () => number;
  readonly trailingEntries: () => number;
  readonly bootstrap: { readonly voters: readonly NodeId[] } | undefined;
  readonly limits: RaftNodeLimits;
  readonly trace: RaftTracer | undefined;
}

const silent: RaftLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Checks all options together. @throws RaftNodeError `invalid-argument`. */
export function resolveOptions(options: RaftNodeOptions): ResolvedOptions {
  const { limits } = options;
  const resolved: ResolvedOptions = {
    ...options,
    clock: options.clock ?? systemClock,
    bootstrap: options.bootstrap,
    tickMs: options.tickMs ?? 50,
    electionTicks: options.electionTicks ?? 10,
    heartbeatTicks: options.heartbeatTicks ?? 2,
    preVote: options.preVote ?? true,
    checkQuorum: options.checkQuorum ?? true,
    snapshotIntervalEntries: asked(
      "snapshotIntervalEntries",
      options.snapshotIntervalEntries ?? 10_000,
      1,
    ),
    trailingEntries: asked("trailingEntries", options.trailingEntries ?? 500, 0),
    logger: options.logger ?? silent,
    trace: options.trace,
    limits: {
      pendingProposalsMax: limits?.pendingProposalsMax ?? PENDING_PROPOSALS_MAX_DEFAULT,
      pendingBytesMax: limits?.pendingBytesMax ?? PENDING_BYTES_MAX_DEFAULT,
      applyQueueBytesMax: limits?.applyQueueBytesMax ?? APPLY_QUEUE_BYTES_MAX_DEFAULT,
      inboundBytesMax: limits?.inboundBytesMax ?? INBOUND_BYTES_MAX_DEFAULT,
      snapshotBytesMax: limits?.snapshotBytesMax ?? SNAPSHOT_BYTES_MAX_DEFAULT,
    },
  };
  check("id", resolved.id, 1);
  check("tickMs", resolved.tickMs, 1);
  check("heartbeatTicks", resolved.heartbeatTicks, 1);
  check("electionTicks", resolved.electionTicks, resolved.heartbeatTicks + 1);
  for (const [name, value] of Object.entries(resolved.limits) as [string, number][]) {
    check(name, value, 1);
  }
  const voters = resolved.bootstrap?.voters;
  if (voters !== undefined && !voters.includes(resolved.id)) {
    throw new RaftNodeError("invalid-argument", "bootstrap: this node is not among the voters");
  }
  return resolved;
}

/** A number is checked now; what a function says is brought into range when it is asked. */
function asked(name: string, option: number | (() => number), minimum: number): () => number {
  if (typeof option === "function") return () => Math.max(minimum, Math.trunc(option()));
  check(name, option, minimum);
  return () => option;
}

function check(name: string, value: number, minimum: number): void {
  if (Number.isSafeInteger(value) && value >= minimum) return;
  throw new RaftNodeError("invalid-argument", `${name}: not a whole number of at least ${minimum}`);
}
