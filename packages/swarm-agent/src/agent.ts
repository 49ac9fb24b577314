import type { ManagerPeer, TaskStatus } from "@waggle/swarm-state";
import { createSystemClock } from "./clock.ts";
import { AgentError } from "./errors.ts";
import type { AgentEvent, AgentListener, AgentLogger } from "./events.ts";
import type { LogLine, LogOptions } from "./executor.ts";
import { textOf } from "./internal/text.ts";
import { TASKS_MAX } from "./limits.ts";
import { validateAgentOptions } from "./options.ts";
import type { AgentOptions } from "./options.ts";
import { createManagerList } from "./session/manager-list.ts";
import type { ManagerList } from "./session/manager-list.ts";
import { createSessionLoop } from "./session/session-loop.ts";
import type { SessionLoop } from "./session/session-loop.ts";
import { createStatusReporter } from "./session/status-reporter.ts";
import type { StatusReporter } from "./session/status-reporter.ts";
import { openTaskStore } from "./worker/task-store.ts";
import { createWorker } from "./worker/worker.ts";
import type { Worker } from "./worker/worker.ts";

/** How to stop: leave the tasks to the next agent of this node, or take them down. */
export interface AgentStopOptions {
  /**
   * - `leave-running`: nothing is said to the manager; running tasks go on, and the next agent on this directory adopts them.
   * - `stop`: the manager is told, so that the tasks are replaced at once, and every task is stopped.
   */
  readonly tasks: "leave-running" | "stop";
}

/** The worker side of a node: keeps a session with a manager and runs what it assigns. */
export interface Agent {
  /**
   * Reads the record of tasks, goes on with them, and begins to look for a manager. Resolves without waiting for one.
   * @throws AgentError `directory-unusable`, `not-running` (an agent is started only once).
   */
  start(): Promise<void>;
  /** Ends the session and lets go of the tasks. Idempotent. */
  stop(options: AgentStopOptions): Promise<void>;
  /** Calls `listener` with every event from now on; the result ends that. */
  subscribe(listener: AgentListener): () => void;
  /** The managers that the agent may turn to, as last told. */
  managers(): readonly ManagerPeer[];
  /** The tasks that the node holds and what was last observed of each. */
  taskStatuses(): readonly { readonly taskId: string; readonly status: TaskStatus }[];
  /** A task's output. Iterating throws AgentError `task-unknown` when the node does not hold the task. */
  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Asks for the description again and sends it when it changed; otherwise that happens every 20 seconds. */
  refreshDescription(): void;
  /**
   * The manager is known to be dead or cut off (gossip says so): a session with it is given up at once, before the
   * connection notices.
   */
  leaveManager(nodeId: string): void;
}

/** @throws AgentError `options-invalid`. Starts nothing. */
export function createAgent(options: AgentOptions): Agent {
  validateAgentOptions(options);
  return new NodeAgent(options);
}

const silent: AgentLogger = { info: () => undefined, warn: () => undefined };

class NodeAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #logger: AgentLogger;
  readonly #listeners = new Set<AgentListener>();
  readonly #managers: ManagerList;
  readonly #reporter: StatusReporter;
  readonly #session: SessionLoop;
  #worker: Worker | undefined;
  #state: "new" | "started" | "stopped" = "new";
  #stopping: Promise<void> | undefined;

  constructor(options: AgentOptions) {
    const clock = options.clock ?? createSystemClock();
    this.#options = { ...options, clock };
    this.#logger = options.logger ?? silent;
    this.#managers = createManagerList(options.initialManagers);
    this.#reporter = createStatusReporter(clock);
    this.#session = createSessionLoop({
      nodeId: options.nodeId,
      dial: options.dial,
      managers: this.#managers,
      reporter: this.#reporter,
      describe: options.describe,
      clock,
      logger: this.#logger,
      random: options.random ?? ((): number => Math.random()),
      emit: (event) => this.#emit(event),
      onAssignments: (assignments) => this.#worker?.apply(assignments),
    });
  }

  async start(): Promise<void> {
    if (this.#state !== "new") throw new AgentError("not-running", "the agent was started before");
    this.#state = "started";
    const { directory, executors, clock = createSystemClock() } = this.#options;
    const store = await openTaskStore(directory);
    const { tasks, damaged } = await store.load();
    if (this.#stopping !== undefined) return;
    for (const record of damaged) this.#logger.warn("record of a task is damaged", record);
    this.#worker = createWorker({
      executors,
      store,
      clock,
      logger: this.#logger,
      emit: (event) => this.#emit(event),
      report: (taskId, status) => this.#reporter.report(taskId, status),
      forget: (taskId) => this.#reporter.forget(taskId),
      tasksMax: this.#options.tasksMax ?? TASKS_MAX,
    });
    this.#worker.restore(tasks);
    this.#session.run().catch((error: unknown) => {
      this.#logger.warn("the session loop ended", { error: textOf(error) });
    });
  }

  stop(options: AgentStopOptions): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  async #stop({ tasks }: AgentStopOptions): Promise<void> {
    this.#state = "stopped";
    // The manager replaces the tasks while they are still stopping; that is why `bye` goes first.
    await this.#session.stop({ bye: tasks === "stop" });
    if (tasks === "stop") await this.#worker?.stopAll();
    await this.#worker?.release();
  }

  subscribe(listener: AgentListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  managers(): readonly ManagerPeer[] {
    return this.#managers.current();
  }

  taskStatuses(): readonly { readonly taskId: string; readonly status: TaskStatus }[] {
    return this.#worker?.statuses() ?? [];
  }

  taskLogs(taskId: string, options: LogOptions): AsyncIterable<LogLine> {
    if (this.#worker === undefined) throw new AgentError("not-running", "the agent is not started");
    return this.#worker.logs(taskId, options);
  }

  refreshDescription(): void {
    this.#session.refreshDescription();
  }

  leaveManager(nodeId: string): void {
    this.#session.leaveManager(nodeId);
  }

  #emit(event: AgentEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#logger.warn("a listener threw", { event: event.type, error: textOf(error) });
      }
    }
  }
}
