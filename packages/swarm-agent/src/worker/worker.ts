import { taskStateRank } from "@waggle/swarm-state";
import type {
  AssignmentsComplete,
  AssignmentsIncremental,
  Task,
  TaskStatus,
} from "@waggle/swarm-state";
import type { AgentClock } from "../clock.ts";
import type { AgentEvent, AgentLogger } from "../events.ts";
import { AgentError, isExecutorError } from "../errors.ts";
import type { Executor, LogLine, LogOptions } from "../executor.ts";
import { textOf } from "../internal/text.ts";
import { TASKS_MAX } from "../limits.ts";
import { controllerFor } from "./choose-executor.ts";
import { isTaskId } from "./task-id.ts";
import { createTaskRunner } from "./task-runner.ts";
import type { TaskRunner } from "./task-runner.ts";
import type { StoredTask, TaskStore } from "./task-store.ts";

export interface WorkerOptions {
  readonly executors: readonly Executor[];
  readonly store: TaskStore;
  readonly clock: AgentClock;
  readonly logger: AgentLogger;
  readonly emit: (event: AgentEvent) => void;
  /** A status that the managers are to learn of. */
  readonly report: (taskId: string, status: TaskStatus) => void;
  /** The task is gone: nothing is to be reported of it any more. */
  readonly forget: (taskId: string) => void;
  readonly tasksMax?: number;
}

/** All tasks of the node. */
export interface Worker {
  /** Goes on with what an earlier agent left, before any manager is heard. */
  restore(stored: readonly StoredTask[]): void;
  /** Takes assignments of an accepted session. A complete set stops and removes what is not in it. */
  apply(assignments: AssignmentsComplete | AssignmentsIncremental): void;
  /** Every task held and its status, removed ones excepted. */
  statuses(): readonly { readonly taskId: string; readonly status: TaskStatus }[];
  /** @throws AgentError `task-unknown`. */
  logs(taskId: string, options: LogOptions): AsyncIterable<LogLine>;
  /** Stops every task; resolves when all have reached a final state. */
  stopAll(): Promise<void>;
  /** Lets go of every task without stopping it, once removals under way are abandoned or done. */
  release(): Promise<void>;
}

export function createWorker(options: WorkerOptions): Worker {
  return new TaskWorker(options);
}

class TaskWorker implements Worker {
  readonly #options: WorkerOptions;
  readonly #runners = new Map<string, TaskRunner>();
  readonly #removing = new Map<string, { runner: TaskRunner; next: Task | undefined }>();
  readonly #discarding = new Set<string>();
  #closed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  restore(stored: readonly StoredTask[]): void {
    for (const { task, status } of stored) this.#run(task, status);
  }

  apply(assignments: AssignmentsComplete | AssignmentsIncremental): void {
    if (this.#closed) return;
    for (const task of assignments.tasks) this.#assign(task);
    if (assignments.mode === "incremental") {
      for (const taskId of assignments.removedTaskIds) this.#remove(taskId);
      return;
    }
    const known = new Set(assignments.tasks.map((task) => task.id));
    for (const taskId of [...this.#runners.keys()]) if (!known.has(taskId)) this.#remove(taskId);
    for (const executor of this.#options.executors) void this.#discardUnknown(executor);
  }

  statuses(): readonly { readonly taskId: string; readonly status: TaskStatus }[] {
    return [...this.#runners].map(([taskId, runner]) => ({ taskId, status: runner.status() }));
  }

  async *logs(taskId: string, options: LogOptions): AsyncGenerator<LogLine> {
    const runner = this.#runners.get(taskId);
    if (runner === undefined) throw unknownTask(taskId);
    let controller;
    try {
      controller = await runner.controller();
    } catch (error) {
      // A task that no executor takes has written nothing; among a service's tasks it must not spoil the others' logs.
      if (isExecutorError(error) && error.code === "spec-unsupported") return;
      throw error;
    }
    yield* controller.logs(options);
  }

  async stopAll(): Promise<void> {
    const removing = [...this.#removing.values()].map(({ runner }) => runner);
    await Promise.all([...this.#runners.values(), ...removing].map((runner) => runner.stop()));
  }

  async release(): Promise<void> {
    this.#closed = true;
    const removing = [...this.#removing.values()].map(({ runner }) => runner);
    await Promise.all([...this.#runners.values(), ...removing].map((runner) => runner.release()));
  }

  #assign(task: Task): void {
    const removal = this.#removing.get(task.id);
    if (removal !== undefined) {
      removal.next = task;
      return;
    }
    const runner = this.#runners.get(task.id);
    if (runner !== undefined) {
      const changed = runner.task().version !== task.version;
      runner.assign(task);
      if (changed) void this.#persistTask(task);
      this.#repeatIfBehind(task, runner.status());
      return;
    }
    if (!isTaskId(task.id)) {
      this.#options.logger.warn("task with an unusable id ignored", { taskId: task.id });
      return;
    }
    if (this.#runners.size >= (this.#options.tasksMax ?? TASKS_MAX)) {
      this.#reject(task, `this node already holds ${this.#runners.size} tasks, the most it may`);
      return;
    }
    this.#run(task, task.status, this.#persistTask(task));
  }

  // The managers show an older state than the one observed here: a report was lost with the state that had taken it.
  #repeatIfBehind(task: Task, own: TaskStatus): void {
    if (taskStateRank(own.state) > taskStateRank(task.status.state)) {
      this.#options.report(task.id, own);
    }
  }

  #reject(task: Task, error: string): void {
    if (taskStateRank(task.status.state) >= taskStateRank("complete")) return;
    const timestampMs = this.#options.clock.now();
    this.#options.report(task.id, { ...task.status, state: "rejected", timestampMs, error });
  }

  #run(task: Task, status: TaskStatus, stored: Promise<void> = Promise.resolve()): void {
    const { clock, executors, store, logger, emit, report } = this.#options;
    const runner = createTaskRunner({
      task,
      status,
      clock,
      resolve: (current) => controllerFor(executors, current),
      persist: async (next) => {
        await stored;
        await store
          .putStatus(task.id, next)
          .catch((error: unknown) =>
            logger.warn("status of a task not recorded", { taskId: task.id, error: textOf(error) }),
          );
      },
      onStatus: (next) => {
        emit({ type: "task:status", taskId: task.id, status: next });
        report(task.id, next);
      },
    });
    this.#runners.set(task.id, runner);
  }

  #persistTask(task: Task): Promise<void> {
    return this.#options.store
      .putTask(task)
      .catch((error: unknown) =>
        this.#options.logger.warn("task not recorded", { taskId: task.id, error: textOf(error) }),
      );
  }

  #remove(taskId: string): void {
    const removal = this.#removing.get(taskId);
    if (removal !== undefined) removal.next = undefined;
    this.#options.forget(taskId);
    const runner = this.#runners.get(taskId);
    if (runner === undefined) return;
    this.#runners.delete(taskId);
    this.#removing.set(taskId, { runner, next: undefined });
    void this.#finishRemoval(taskId, runner);
  }

  async #finishRemoval(taskId: string, runner: TaskRunner): Promise<void> {
    const { store, logger, emit } = this.#options;
    try {
      await runner.remove();
      if (!this.#closed) await store.remove(taskId);
    } catch (error) {
      logger.warn("task not removed completely", { taskId, error: textOf(error) });
    }
    const next = this.#removing.get(taskId)?.next;
    this.#removing.delete(taskId);
    if (this.#closed) return;
    emit({ type: "task:removed", taskId });
    if (next !== undefined) this.#assign(next);
  }

  // What an executor holds of tasks that no record names any more, for instance after the record was damaged.
  async #discardUnknown(executor: Executor): Promise<void> {
    try {
      for (const taskId of (await executor.heldTaskIds?.()) ?? []) {
        const known = this.#runners.has(taskId) || this.#removing.has(taskId);
        if (!known && !this.#discarding.has(taskId) && !this.#closed)
          await this.#discard(executor, taskId);
      }
    } catch (error) {
      this.#options.logger.warn("leftovers not found", { error: textOf(error) });
    }
  }

  // What fails is tried again with the next complete set; the other leftovers need not wait for it.
  async #discard(executor: Executor, taskId: string): Promise<void> {
    this.#discarding.add(taskId);
    try {
      await executor.discard?.(taskId);
      await this.#options.store.remove(taskId);
    } catch (error) {
      this.#options.logger.warn("leftovers not cleared", { taskId, error: textOf(error) });
    } finally {
      this.#discarding.delete(taskId);
    }
  }
}

function unknownTask(taskId: string): AgentError {
  return new AgentError("task-unknown", `this node holds no task ${taskId}`);
}
