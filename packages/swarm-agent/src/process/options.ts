import type { AgentClock } from "../clock.ts";
import { AgentError } from "../errors.ts";
import { GRACE_PERIOD_MS_MAX } from "./limits.ts";

/** How tasks run as processes of the node. */
export interface ProcessExecutorOptions {
  /** Where each task gets a folder: its output, its log, its exit code. Created when it is missing. */
  readonly directory: string;
  /** Where tasks run whose spec names no folder. Default: where the agent's process was started. */
  readonly defaultWorkingDirectory?: string;
  /** What `{{.Node.Hostname}}` stands for. Default: the machine's name. */
  readonly nodeHostname?: string;
  /** The environment of which tasks get the basic variables (PATH, HOME, …). Default: the agent's own. */
  readonly nodeEnvironment?: Readonly<Record<string, string | undefined>>;
  /** Grace period of a task whose spec asks for none that makes sense. Milliseconds, default 10 000. */
  readonly stopGracePeriodMs?: number;
  /** Default: the machine's. */
  readonly clock?: AgentClock;
}

/** Docker's. */
export const STOP_GRACE_PERIOD_MS_DEFAULT = 10_000;

/** @throws AgentError `options-invalid`. */
export function validateProcessOptions(options: ProcessExecutorOptions): void {
  if (options.directory === "") throw invalid("directory is empty");
  const { stopGracePeriodMs = STOP_GRACE_PERIOD_MS_DEFAULT } = options;
  if (!(stopGracePeriodMs >= 0 && stopGracePeriodMs <= GRACE_PERIOD_MS_MAX)) {
    throw invalid(`stopGracePeriodMs must be from 0 to ${GRACE_PERIOD_MS_MAX}`);
  }
}

function invalid(what: string): AgentError {
  return new AgentError("options-invalid", `process executor options: ${what}`);
}
