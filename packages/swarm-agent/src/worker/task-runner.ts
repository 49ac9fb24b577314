import { taskStateRank } from "@waggle/swarm-state";
import type { DesiredState, Task, TaskState, TaskStatus } from "@waggle/swarm-state";
import type { AgentClock } from "../clock.ts";
import { isExecutorError } from "../errors.ts";
import type { Controller } from "../executor.ts";
import { assert } from "../internal/assert.ts";
import { delay } from "../internal/delay.ts";
import { textOf } from "../internal/text.ts";
import { ERROR_TEXT_CHARS_MAX, STEP_RETRY_MS_MAX, STEP_RETRY_MS_MIN } from "../limits.ts";
import { laterDesired, nextStep } from "./step.ts";
import type { Step } from "./step.ts";

export interface TaskRunnerOptions {
  readonly task: Task;
  /** Where to go on: what an earlier agent recorded, or the status in the assignment. */
  readonly status: TaskStatus;
  readonly clock: AgentClock;
  /** Chooses the executor; rejects when there is none for the task. */
  readonly resolve: (task: Task) => Promise<Controller>;
  /** Called before the status is told to anyone. What it rejects with is not seen here: the task goes on. */
  readonly persist: (status: TaskStatus) => Promise<void>;
  readonly onStatus: (status: TaskStatus) => void;
}

/** Brings one task, step by step, to its desired state. Its own status is canonical. */
export interface TaskRunner {
  readonly task: () => Task;
  readonly status: () => TaskStatus;
  /** The controller, made when it is first needed. */
  readonly controller: () => Promise<Controller>;
  /** Takes a newer version of the task. Its desired state never goes backwards. */
  assign(task: Task): void;
  /** Stops what runs; resolves when the task has reached a final state. */
  stop(): Promise<void>;
  /** Stops what runs and deletes what the task left. Statuses are no longer told to anyone. */
  remove(): Promise<void>;
  /** Leaves what runs running and lets go of it. */
  release(): Promise<void>;
}

const messages: Partial<Record<TaskState, string>> = {
  accepted: "accepted",
  preparing: "preparing",
  ready: "prepared",
  starting: "starting",
  running: "started",
  complete: "finished",
  shutdown: "shutdown",
};

/** Starts to work at once. */
export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  return new Runner(options);
}

class Runner implements TaskRunner {
  readonly #options: TaskRunnerOptions;
  #task: Task;
  #status: TaskStatus;
  #desired: DesiredState;
  #controller: Promise<Controller> | undefined;
  #abort = new AbortController();
  #released = false;
  #silent = false;
  #retryMs = STEP_RETRY_MS_MIN;
  #wake: () => void = () => undefined;
  #ended: (() => void)[] = [];
  readonly #loop: Promise<void>;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
    this.#task = options.task;
    this.#status = options.status;
    this.#desired = options.task.desiredState;
    this.#loop = this.#run();
  }

  task = (): Task => this.#task;
  status = (): TaskStatus => this.#status;

  controller = (): Promise<Controller> => {
    if (this.#controller !== undefined) return this.#controller;
    const made = this.#options.resolve(this.#task);
    this.#controller = made;
    made.catch(() => {
      if (this.#controller === made) this.#controller = undefined;
    });
    return made;
  };

  assign(task: Task): void {
    this.#task = task;
    this.#desire(task.desiredState);
  }

  async stop(): Promise<void> {
    this.#desire("shutdown");
    await this.#untilFinal();
  }

  async remove(): Promise<void> {
    this.#silent = true;
    this.#desire("remove");
    await this.#untilFinal();
    // Let go before it was done: the next agent of this node finds the task in the record and removes it.
    if (this.#released) return;
    await this.#end();
    const controller = await this.controller().catch(() => undefined);
    await controller?.remove();
  }

  async release(): Promise<void> {
    await this.#end();
    const controller = await this.#controller?.catch(() => undefined);
    await controller?.release();
  }

  async #end(): Promise<void> {
    this.#released = true;
    this.#interrupt();
    await this.#loop;
  }

  #desire(desired: DesiredState): void {
    const later = laterDesired(this.#desired, desired);
    if (later === this.#desired) return;
    const stopping = taskRankOfStop(this.#desired);
    this.#desired = later;
    // A shutdown under way is what both `shutdown` and `remove` want.
    if (!stopping) this.#interrupt();
    else this.#wake();
  }

  #interrupt(): void {
    this.#abort.abort();
    this.#wake();
  }

  #untilFinal(): Promise<void> {
    if (this.#released || isFinal(this.#status)) return Promise.resolve();
    return new Promise((resolve) => this.#ended.push(resolve));
  }

  async #run(): Promise<void> {
    // Assignments that arrive in the same turn are taken together.
    await Promise.resolve();
    while (!this.#released) {
      const step = nextStep(this.#status.state, this.#desired);
      if (step === "none") await this.#changed();
      else await this.#perform(step);
      if (isFinal(this.#status)) this.#tellEnded();
    }
    this.#tellEnded();
  }

  #tellEnded(): void {
    const waiting = this.#ended;
    this.#ended = [];
    for (const resolve of waiting) resolve();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #perform(step: Step): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    try {
      const next = await this.#execute(step, signal);
      this.#retryMs = STEP_RETRY_MS_MIN;
      await this.#move(next);
    } catch (error) {
      if (signal.aborted) return;
      if (isExecutorError(error) && error.code === "temporary") await this.#pause(error, signal);
      else await this.#fail(step, error);
    }
  }

  async #execute(step: Step, signal: AbortSignal): Promise<TaskStatus> {
    switch (step) {
      case "accept":
        await this.controller();
        return this.#reached("accepted", "");
      case "begin-prepare":
        return this.#reached("preparing", "");
      case "prepare":
        await (await this.controller()).prepare({ signal });
        return this.#reached("ready", "");
      case "begin-start":
        return this.#reached("starting", "");
      case "start":
        await (await this.controller()).start({ signal });
        return this.#reached("running", "");
      case "wait": {
        const { exitCode } = await (await this.controller()).wait({ signal });
        if (exitCode === 0) return this.#reached("complete", "");
        return this.#reached("failed", `task: non-zero exit (${exitCode})`);
      }
      case "shutdown":
        await (await this.controller()).shutdown({ signal });
        return this.#reached("shutdown", "");
      case "none":
        return this.#status;
    }
  }

  async #reached(state: TaskState, error: string): Promise<TaskStatus> {
    const controller = await this.#controller;
    return {
      state,
      timestampMs: this.#options.clock.now(),
      appliedAtMs: this.#status.appliedAtMs,
      // On failure the message keeps the last step that went well, as Docker shows it.
      message: messages[state] ?? this.#status.message,
      error: error.slice(0, ERROR_TEXT_CHARS_MAX),
      container: controller?.status() ?? this.#status.container,
    };
  }

  async #move(next: TaskStatus): Promise<void> {
    const forward = taskStateRank(next.state) > taskStateRank(this.#status.state);
    assert(forward, `a task only moves forward, not from ${this.#status.state} to ${next.state}`);
    // What comes before `starting` changes nothing on the node and is simply done again after a restart.
    if (taskStateRank(next.state) >= taskStateRank("starting")) await this.#options.persist(next);
    this.#status = next;
    if (!this.#silent) this.#options.onStatus(next);
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const text = textOf(error).slice(0, ERROR_TEXT_CHARS_MAX);
    if (this.#status.error !== text) {
      this.#status = { ...this.#status, error: text, timestampMs: this.#options.clock.now() };
      if (!this.#silent) this.#options.onStatus(this.#status);
    }
    await delay(this.#options.clock, this.#retryMs, signal);
    this.#retryMs = Math.min(this.#retryMs * 2, STEP_RETRY_MS_MAX);
  }

  async #fail(step: Step, error: unknown): Promise<void> {
    const controller = await this.#controller?.catch(() => undefined);
    // Whatever a failed step has left must not run on unseen.
    if (step === "start" || step === "wait" || step === "shutdown") {
      await controller?.terminate().catch(() => undefined);
    }
    const started = taskStateRank(this.#status.state) >= taskStateRank("starting");
    await this.#move({
      state: started ? "failed" : "rejected",
      timestampMs: this.#options.clock.now(),
      appliedAtMs: this.#status.appliedAtMs,
      message: this.#status.message,
      error: textOf(error).slice(0, ERROR_TEXT_CHARS_MAX),
      container: controller?.status() ?? this.#status.container,
    });
  }
}

function taskRankOfStop(desired: DesiredState): boolean {
  return desired === "shutdown" || desired === "remove";
}

function isFinal(status: TaskStatus): boolean {
  return taskStateRank(status.state) >= taskStateRank("complete");
}
