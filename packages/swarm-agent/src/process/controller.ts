import { constants } from "node:os";
import type { ContainerStatus, Task } from "@waggle/swarm-state";
import type { AgentClock } from "../clock.ts";
import { ExecutorError } from "../errors.ts";
import type { Controller, LogLine, LogOptions, StepOptions } from "../executor.ts";
import { textOf } from "../internal/text.ts";
import { startFailed } from "./command.ts";
import { watchFolder } from "./folder-watch.ts";
import type { FolderWatch } from "./folder-watch.ts";
import type { ProcessTable } from "./identity.ts";
import { launch } from "./launch.ts";
import type { Launch } from "./launch.ts";
import {
  GRACE_PERIOD_MS_MAX,
  KILLED_POLL_MS,
  KILL_TIMEOUT_MS,
  LAUNCH_TIMEOUT_MS,
  LIVENESS_POLL_MS,
} from "./limits.ts";
import { createLogCollector } from "./logs/collector.ts";
import type { LogCollector } from "./logs/collector.ts";
import { readLog } from "./logs/read-log.ts";
import { watchOutput } from "./output-watch.ts";
import type { OutputWatch } from "./output-watch.ts";
import { observeProcess, signalGroup } from "./process-state.ts";
import type { ProcessState } from "./process-state.ts";
import type { TaskFiles } from "./task-files.ts";

export interface ProcessControllerOptions {
  readonly task: Task;
  readonly files: TaskFiles;
  readonly table: ProcessTable;
  readonly clock: AgentClock;
  /** Makes the command ready; rejects when the task asks for what cannot be. */
  readonly plan: (task: Task) => Promise<Launch>;
  /** Checks the task before anything is created. @throws ExecutorError `spec-unsupported`. */
  readonly check: (task: Task) => void;
  readonly stopSignal: number;
  readonly stopGracePeriodMs: number;
}

/** Drives one process. Everything it knows is in the task's folder, so a later agent can go on. */
export async function openProcessController(
  options: ProcessControllerOptions,
): Promise<Controller> {
  const controller = new ProcessController(options);
  await controller.adopt();
  return controller;
}

class ProcessController implements Controller {
  readonly #options: ProcessControllerOptions;
  readonly #files: TaskFiles;
  readonly #collector: LogCollector;
  #watch: FolderWatch | undefined;
  #output: OutputWatch | undefined;
  #status: ContainerStatus | undefined;
  #outputEnded = false;
  #released = false;
  #removed = false;

  constructor(options: ProcessControllerOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#collector = createLogCollector({
      directory: options.files.logs,
      stdout: options.files.stdout,
      stderr: options.files.stderr,
      clock: options.clock,
    });
  }

  /** Takes over what an earlier agent started, if it did. */
  async adopt(): Promise<void> {
    const state = await this.#observe();
    if (state.kind === "never-started") return;
    this.#follow();
    if (isOver(state)) await this.#endOutput();
  }

  async prepare(): Promise<void> {
    this.#assertUsable();
    this.#options.check(this.#options.task);
    try {
      await this.#files.create();
    } catch (cause) {
      const message = `the task's folder cannot be created: ${textOf(cause)}`;
      throw new ExecutorError("temporary", message, { cause });
    }
  }

  async start({ signal }: StepOptions): Promise<void> {
    this.#assertUsable();
    let state = await this.#observe();
    if (state.kind === "launching") state = await this.#untilLaunched(signal);
    // A shell that never came up is started again; its file `shim` sees to it that only one of both goes on.
    if (state.kind === "never-started" || state.kind === "launching") {
      const planned = await this.#options.plan(this.#options.task);
      signal.throwIfAborted();
      await this.#files.create();
      await this.#files.putLaunch(await this.#options.table.bootId());
      this.#follow();
      await launch(this.#files, planned, () => this.#watch?.poke());
      state = await this.#untilLaunched(signal);
    }
    if (state.kind === "launching") throw startFailed("its shell did not come up");
  }

  async wait({ signal }: StepOptions): Promise<{ readonly exitCode: number }> {
    this.#assertUsable();
    const state = await this.#untilState(isOver, { signal });
    await this.#endOutput();
    if (state.kind === "ended") return { exitCode: state.exitCode };
    throw new ExecutorError(
      "exit-unknown",
      state.kind === "lost"
        ? "the process is gone and its exit code is unknown: it was killed from outside, or the machine went down"
        : "the process is not on this node: its record was lost",
    );
  }

  async shutdown({ signal }: StepOptions): Promise<void> {
    let state = await this.#launchedOrNever(signal);
    if (state.kind === "running" && this.#options.stopSignal !== constants.signals.SIGKILL) {
      await this.#signal(this.#options.stopSignal);
      const timeoutMs = Math.min(this.#options.stopGracePeriodMs, GRACE_PERIOD_MS_MAX);
      state = await this.#untilState(isOver, { signal, timeoutMs });
    }
    if (state.kind === "running") await this.#kill(signal);
    await this.#endOutput();
  }

  async terminate(): Promise<void> {
    const { signal } = new AbortController();
    const state = await this.#launchedOrNever(signal);
    if (state.kind === "running") await this.#kill(signal);
    await this.#endOutput();
  }

  async remove(): Promise<void> {
    if (this.#removed) return;
    await this.terminate();
    this.#removed = true;
    await this.release();
    await this.#files.remove();
  }

  async release(): Promise<void> {
    this.#released = true;
    this.#output?.close();
    this.#watch?.close();
    this.#watch = undefined;
    await this.#collector.close();
    this.#collector.poke();
  }

  status(): ContainerStatus | undefined {
    return this.#status;
  }

  logs(options: LogOptions): AsyncIterable<LogLine> {
    this.#assertUsable();
    return readLog({
      collector: this.#collector,
      options,
      ended: () => this.#outputEnded || this.#released,
    });
  }

  async #kill(signal: AbortSignal): Promise<void> {
    await this.#files.putKilled();
    await this.#signal(constants.signals.SIGKILL);
    const state = await this.#untilState(isOver, {
      signal,
      pollMs: KILLED_POLL_MS,
      timeoutMs: KILL_TIMEOUT_MS,
    });
    if (!isOver(state)) {
      throw new ExecutorError("temporary", "the process was killed but does not end");
    }
  }

  async #signal(number: number): Promise<void> {
    try {
      await signalGroup(this.#files, this.#options.table, number);
    } catch (cause) {
      const message = `the process cannot be signalled: ${textOf(cause)}`;
      throw new ExecutorError("stop-failed", message, { cause });
    }
  }

  async #observe(): Promise<ProcessState> {
    const { files, table, task } = this.#options;
    let state: ProcessState;
    let known: number | undefined;
    try {
      state = await observeProcess(files, table);
      known = (await files.main())?.pid;
    } catch (cause) {
      // For instance no file descriptor is free: that says nothing about the process.
      const message = `the process cannot be looked at: ${textOf(cause)}`;
      throw new ExecutorError("temporary", message, { cause });
    }
    if (known !== undefined) {
      const exitCode = state.kind === "ended" ? state.exitCode : undefined;
      this.#status = { containerId: task.id, pid: known, exitCode };
    }
    return state;
  }

  /** For a task that is to stop: a shell that does not come up in time must not do so later, when nobody looks. */
  async #launchedOrNever(signal: AbortSignal): Promise<ProcessState> {
    let state = await this.#observe();
    if (state.kind === "launching") state = await this.#untilLaunched(signal);
    if (state.kind !== "launching") return state;
    return (await this.#files.forbidLaunch()) ? this.#observe() : this.#untilLaunched(signal);
  }

  #untilLaunched(signal: AbortSignal): Promise<ProcessState> {
    const launched = (state: ProcessState): boolean =>
      state.kind === "running" ? state.pid !== undefined : state.kind !== "launching";
    return this.#untilState(launched, {
      signal,
      pollMs: KILLED_POLL_MS,
      timeoutMs: LAUNCH_TIMEOUT_MS,
    });
  }

  /** Looks until `done` says yes or the time is over; rejects when `signal` is aborted. */
  async #untilState(
    done: (state: ProcessState) => boolean,
    options: {
      readonly signal: AbortSignal;
      /** Where no notice will come. Default: the folder watch, with its own slow poll. */
      readonly pollMs?: number;
      readonly timeoutMs?: number;
    },
  ): Promise<ProcessState> {
    const { clock } = this.#options;
    const over = new AbortController();
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : clock.setTimer(options.timeoutMs, () => {
            over.abort();
            this.#watch?.poke();
          });
    try {
      for (;;) {
        options.signal.throwIfAborted();
        const change = this.#nextChange(options.signal, options.pollMs);
        const expired = over.signal.aborted;
        try {
          const state = await this.#observe();
          if (done(state) || expired) return state;
          await change.happened;
        } finally {
          change.cancel();
        }
      }
    } finally {
      timer?.cancel();
    }
  }

  #nextChange(
    signal: AbortSignal,
    pollMs: number | undefined,
  ): { readonly happened: Promise<void>; readonly cancel: () => void } {
    const { promise: happened, resolve } = Promise.withResolvers<undefined>();
    const end = (): void => {
      signal.removeEventListener("abort", end);
      unsubscribe?.();
      timer?.cancel();
      resolve(undefined);
    };
    const unsubscribe = this.#watch?.subscribe(end);
    const timer = pollMs === undefined ? undefined : this.#options.clock.setTimer(pollMs, end);
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    return { happened, cancel: end };
  }

  /** From now on, output becomes log. */
  #follow(): void {
    if (this.#watch !== undefined || this.#released) return;
    const { clock } = this.#options;
    this.#watch = watchFolder(this.#files.directory, { clock, pollMs: LIVENESS_POLL_MS });
    this.#output = watchOutput({
      directory: this.#files.output,
      clock,
      collect: () => this.#collector.collect(),
    });
  }

  async #endOutput(): Promise<void> {
    if (this.#outputEnded) return;
    await this.#collector.collect({ final: true }).catch(() => undefined);
    this.#outputEnded = true;
    this.#output?.close();
    this.#watch?.close();
    this.#watch = undefined;
    this.#collector.poke();
  }

  #assertUsable(): void {
    if (this.#removed) throw new ExecutorError("removed", "the task was removed");
  }
}

function isOver(state: ProcessState): boolean {
  return state.kind === "ended" || state.kind === "lost" || state.kind === "never-started";
}
