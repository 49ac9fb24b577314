import type { ControlApi } from "@waggle/swarm-manager";
import type { Availability, Task } from "@waggle/swarm-state";

/** The managers' Raft group as this manager sees it. Not in Docker's API. */
export interface LocalRaftStatus {
  readonly role: string;
  readonly term: number;
  readonly voters: number;
  /** Managers that get the log and are not counted in the quorum yet. */
  readonly learners: number;
  /** A manager that was cut off asks before it raises the term. */
  readonly preVote: boolean;
  /** A leader that hears from no quorum steps down. */
  readonly checkQuorum: boolean;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
}

/** Whether this node is part of a swarm, and how. */
export interface LocalSwarmStatus {
  readonly state: "inactive" | "pending" | "active" | "error";
  /** Empty while inactive. */
  readonly nodeId: string;
  /** Host without port; empty while inactive. */
  readonly nodeAddress: string;
  /** True on a manager that is working. */
  readonly controlAvailable: boolean;
  /** What is wrong, in a sentence; empty when nothing is. */
  readonly error: string;
  /** On managers. */
  readonly raft?: LocalRaftStatus | undefined;
  /** The managers known to this node, itself included on managers; addresses are `host:port`. */
  readonly managers: readonly { readonly nodeId: string; readonly address: string }[];
}

export interface SwarmInitRequest {
  /** `host:port`; empty parts mean the node's default. */
  readonly listenAddress: string;
  readonly advertiseAddress: string;
  readonly availability: Availability;
  /** Throw away the other managers and go on alone with this node's state. */
  readonly forceNewCluster: boolean;
}

export interface SwarmJoinRequest {
  readonly listenAddress: string;
  readonly advertiseAddress: string;
  readonly remoteAddresses: readonly string[];
  readonly joinToken: string;
  readonly availability: Availability;
}

/**
 * Membership of this node. What it throws is an error with a `code`: `already-member`, `not-member`, `not-manager`, `invalid-argument`,
 * `bad-token`, `timeout`, `last-manager`, `unavailable`, `unimplemented`, and a message for people.
 */
export interface SwarmPort {
  status(): LocalSwarmStatus;
  /** Creates a swarm with this node as its first manager; returns the node id. */
  init(request: SwarmInitRequest): Promise<string>;
  join(request: SwarmJoinRequest): Promise<void>;
  leave(request: { readonly force: boolean }): Promise<void>;
  /** Managers only. */
  joinTokens(): Promise<{ readonly worker: string; readonly manager: string }>;
}

/** One line of a task's output, without its line end. */
export interface LogLine {
  readonly stream: "stdout" | "stderr";
  readonly timestampMs: number;
  readonly text: Uint8Array;
}

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** Lines from the end; `undefined` means all. */
  readonly tail: number | undefined;
  readonly sinceMs: number | undefined;
  readonly signal: AbortSignal;
}

/** Output of tasks, wherever they run. */
export interface LogsPort {
  /** Throws (an error with a message for people) when the task's node cannot be reached. */
  taskLogs(task: Task, options: LogOptions): AsyncIterable<LogLine>;
}

/** What the node knows of its machine. */
export interface SystemInfo {
  readonly hostname: string;
  readonly version: string;
  readonly operatingSystem: string;
  readonly osType: string;
  readonly architecture: string;
  readonly kernelVersion: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly rootDirectory: string;
  /** Running and stopped tasks of this node. */
  readonly tasks: { readonly running: number; readonly stopped: number };
  readonly runtimeVersion: string;
  readonly buildTime: string;
  readonly gitCommit: string;
}

export interface SystemPort {
  info(): SystemInfo;
}

/** Everything that the HTTP side needs. `control` is `undefined` on a node that is no manager. */
export interface EnginePorts {
  control(): ControlApi | undefined;
  readonly swarm: SwarmPort;
  readonly logs: LogsPort;
  readonly system: SystemPort;
  /** Unix milliseconds. */
  now(): number;
}
