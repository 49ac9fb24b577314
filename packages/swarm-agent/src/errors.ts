/**
 * - `options-invalid`: the caller; an option is out of its bounds. Nothing was started. Do not retry.
 * - `task-unknown`: the caller; the node does not hold that task (any more). Nothing changed. A retry helps only when the
 *   task is about to be assigned.
 * - `not-running`: the caller; the agent was not started, or has stopped. Nothing changed.
 * - `directory-unusable`: the environment; the agent's directory cannot be read or written. Nothing was started; retry
 *   once the disk is mended.
 * - `session-protocol`: the manager; it sent what the protocol does not allow. The session was closed, tasks go on; the
 *   agent itself retries with another manager.
 */
export type AgentErrorCode =
  "options-invalid" | "task-unknown" | "not-running" | "directory-unusable" | "session-protocol";

const agentBrand = Symbol.for("@waggle/swarm-agent/AgentError");
const executorBrand = Symbol.for("@waggle/swarm-agent/ExecutorError");

/** A failure of the agent itself. */
export class AgentError extends Error {
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentError";
    this.code = code;
    Object.defineProperty(this, agentBrand, { value: true });
  }
}

/** Whether `value` is an {@link AgentError}, of whichever copy of this package. */
export function isAgentError(value: unknown): value is AgentError {
  return typeof value === "object" && value !== null && agentBrand in value;
}

/**
 * - `temporary`: the environment, for now; the step can be done again, and the task runner does so after a pause.
 * - `platform-unsupported`: the environment; the executor cannot work on this machine. Nothing was changed.
 * - `spec-unsupported`: the user; the task asks for what the executor cannot do. Nothing was started; do not retry.
 * - `start-failed`: the user or the environment; the command could not be started. Nothing runs; the orchestrator decides
 *   whether to try again with a new task.
 * - `exit-unknown`: the environment; the task is gone, and nobody saw how it ended. Nothing runs.
 * - `stop-failed`: the environment; the task could not be stopped and may still run. Retry is sound.
 * - `removed`: the caller; the controller's task has been removed.
 * - `logs-invalid`: the caller; the log options contradict each other or exceed a limit.
 */
export type ExecutorErrorCode =
  | "temporary"
  | "platform-unsupported"
  | "spec-unsupported"
  | "start-failed"
  | "exit-unknown"
  | "stop-failed"
  | "removed"
  | "logs-invalid";

/** A failure of an executor or of one of its controllers. Its message becomes the task's error text. */
export class ExecutorError extends Error {
  readonly code: ExecutorErrorCode;

  constructor(code: ExecutorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ExecutorError";
    this.code = code;
    Object.defineProperty(this, executorBrand, { value: true });
  }
}

/** Whether `value` is an {@link ExecutorError}, of whichever copy of this package. */
export function isExecutorError(value: unknown): value is ExecutorError {
  return typeof value === "object" && value !== null && executorBrand in value;
}
