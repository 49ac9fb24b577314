import type { ContainerStatus, Task } from "@waggle/swarm-state";

/** One line of a task's output, without its line end. */
export interface LogLine {
  readonly stream: "stdout" | "stderr";
  /** When the executor read it, on the node's clock. */
  readonly timestampMs: number;
  readonly text: Uint8Array;
}

/** Which lines to give. */
export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Go on with new lines until the task has ended or `signal` is aborted. */
  readonly follow: boolean;
  /** So many lines from the end; `undefined` means all. */
  readonly tail?: number | undefined;
  /** Only lines at or after this time. */
  readonly sinceMs?: number | undefined;
  /** Only lines before this time. */
  readonly untilMs?: number | undefined;
  /** Ends the iteration (without an error). */
  readonly signal: AbortSignal;
}

/** Every step can be abandoned; an abandoned step may be done again later, from its beginning. */
export interface StepOptions {
  readonly signal: AbortSignal;
}

/**
 * One task on this node. The task runner calls the steps in order: prepare, start, wait; shutdown at any time. Each is
 * idempotent: after the agent was restarted, a step that was done before is done again and must find its own work.
 */
export interface Controller {
  /** Fetches and creates what the task needs. A failure (other than `temporary`) rejects the task. */
  prepare(options: StepOptions): Promise<void>;
  /** Starts the task; resolves once it runs. A failure (other than `temporary`) fails the task. */
  start(options: StepOptions): Promise<void>;
  /** Resolves when the task has ended. Rejects with `exit-unknown` when nobody saw how. */
  wait(options: StepOptions): Promise<{ readonly exitCode: number }>;
  /**
   * Sends the stop signal, waits for the grace period, then kills. Resolves when nothing of the task runs any more; at once
   * when it never ran. When abandoned, the task may go on running.
   */
  shutdown(options: StepOptions): Promise<void>;
  /** Kills at once. */
  terminate(): Promise<void>;
  /** Kills what still runs and deletes everything that the task left on the node, its logs included. */
  remove(): Promise<void>;
  /** Lets go of timers, files and watchers, without touching what runs; another controller may adopt it. Idempotent. */
  release(): Promise<void>;
  /** What is known of the process or container; `undefined` before it was started. */
  status(): ContainerStatus | undefined;
  /** Lines in the order in which they were read. */
  logs(options: LogOptions): AsyncIterable<LogLine>;
}

/** A way to run tasks on this node. */
export interface Executor {
  /** Told to the managers in the node's description: `process`, `docker`. */
  readonly name: string;
  /** Whether this executor is meant for the task; the first one that says yes gets it. */
  supports(task: Task): boolean;
  /** A controller for the task: of a new one, or of one that an earlier agent on this node started. */
  controller(task: Task): Promise<Controller>;
  /**
   * Which tasks left something here, for instance processes that still run. Optional; with it, the agent clears what no
   * manager knows of any more, even when its own record of the task was lost.
   */
  heldTaskIds?(): Promise<readonly string[]>;
  /** Stops and removes a task of which no more is known than its id. */
  discard?(taskId: string): Promise<void>;
}
