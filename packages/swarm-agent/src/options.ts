import type { ManagerPeer, NodeDescription } from "@waggle/swarm-state";
import type { AgentClock } from "./clock.ts";
import type { AgentLogger } from "./events.ts";
import { AgentError } from "./errors.ts";
import type { Executor } from "./executor.ts";
import { TASKS_MAX } from "./limits.ts";
import type { DialManager } from "./session/connection.ts";

/** What an agent is made of. */
export interface AgentOptions {
  /** The node's id in the swarm. */
  readonly nodeId: string;
  /** Where the agent keeps its record of tasks, in a folder `tasks`. Created when it is missing. One agent at a time. */
  readonly directory: string;
  /** Ways to run tasks, asked in this order. */
  readonly executors: readonly Executor[];
  /** Opens a connection to a manager. */
  readonly dial: DialManager;
  /** Managers to turn to before any has told the list, and when all of the list fail. Asked again each time. */
  readonly initialManagers: () => readonly ManagerPeer[];
  /** What the node says of itself; asked at each session and every 20 seconds. */
  readonly describe: () => NodeDescription;
  /** Default: the machine's. */
  readonly clock?: AgentClock;
  /** A number from 0 (included) to 1 (excluded). Default: the platform's. */
  readonly random?: () => number;
  /** Default: nothing is logged. */
  readonly logger?: AgentLogger;
  /** Most tasks that the node holds; those beyond are rejected. Default and limit: 10 000. */
  readonly tasksMax?: number;
}

/** @throws AgentError `options-invalid`. */
export function validateAgentOptions(options: AgentOptions): void {
  if (options.nodeId === "") throw invalid("nodeId is empty");
  if (options.directory === "") throw invalid("directory is empty");
  const names = options.executors.map((executor) => executor.name);
  if (new Set(names).size !== names.length) throw invalid("two executors have the same name");
  const { tasksMax = TASKS_MAX } = options;
  if (!Number.isSafeInteger(tasksMax) || tasksMax < 1 || tasksMax > TASKS_MAX) {
    throw invalid(`tasksMax must be a whole number from 1 to ${TASKS_MAX}`);
  }
}

function invalid(what: string): AgentError {
  return new AgentError("options-invalid", `agent options: ${what}`);
}
