import type { StatusReport, TaskStatus } from "@waggle/swarm-state";
import type { AgentClock, AgentTimer } from "../clock.ts";
import { assert } from "../internal/assert.ts";
import {
  REPORTS_IN_FLIGHT_MAX,
  STATUSES_PER_REPORT_MAX,
  STATUS_ACKNOWLEDGE_TIMEOUT_MS,
  STATUS_BATCH_DELAY_MS,
} from "../limits.ts";

/** What the reporter needs of an open session. */
export interface ReportSink {
  readonly send: (report: StatusReport) => void;
  /** No acknowledgement came in time: the session is worth nothing. */
  readonly stalled: () => void;
}

/**
 * Keeps the newest status of every task until a manager has acknowledged it. Statuses gather for a moment and leave as
 * numbered reports; what a session did not acknowledge leaves again with the next one.
 */
export interface StatusReporter {
  /** A newer status of a task. */
  report(taskId: string, status: TaskStatus): void;
  /** The task is gone: its status is dropped, sent or not. */
  forget(taskId: string): void;
  /** A session is open and its managers know of the tasks: everything unacknowledged leaves, numbered from 1. */
  attach(sink: ReportSink): void;
  detach(): void;
  /** All reports up to and with `sequence` are in the replicated state. */
  acknowledged(sequence: number): void;
  /** Sends what waits, without the usual pause. */
  flush(): void;
  /** Statuses not yet acknowledged. */
  pending(): number;
}

export function createStatusReporter(clock: AgentClock): StatusReporter {
  return new Reporter(clock);
}

class Reporter implements StatusReporter {
  readonly #clock: AgentClock;
  /** The newest status of each task that no manager has acknowledged. One per task: bounded by the tasks. */
  readonly #pending = new Map<string, TaskStatus>();
  /** Of those, the ones that the present session has not sent. */
  readonly #unsent = new Set<string>();
  #inFlight: { sequence: number; sent: ReadonlyMap<string, TaskStatus> }[] = [];
  #sequence = 0;
  #sink: ReportSink | undefined;
  #timer: AgentTimer | undefined;
  #deadline: AgentTimer | undefined;

  constructor(clock: AgentClock) {
    this.#clock = clock;
  }

  report(taskId: string, status: TaskStatus): void {
    this.#pending.set(taskId, status);
    this.#unsent.add(taskId);
    this.#schedule();
  }

  forget(taskId: string): void {
    this.#pending.delete(taskId);
    this.#unsent.delete(taskId);
  }

  attach(sink: ReportSink): void {
    this.detach();
    this.#sink = sink;
    this.#unsent.clear();
    for (const taskId of this.#pending.keys()) this.#unsent.add(taskId);
    this.flush();
  }

  detach(): void {
    this.#sink = undefined;
    this.#inFlight = [];
    this.#sequence = 0;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#watchDeadline();
  }

  acknowledged(sequence: number): void {
    const done = this.#inFlight.filter((report) => report.sequence <= sequence);
    if (done.length === 0) return;
    this.#inFlight = this.#inFlight.filter((report) => report.sequence > sequence);
    for (const { sent } of done) {
      for (const [taskId, status] of sent) {
        if (this.#pending.get(taskId) === status) this.forget(taskId);
      }
    }
    this.#watchDeadline();
    // What waited for room need not wait for a timer as well.
    if (this.#timer === undefined) this.flush();
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    while (this.#unsent.size > 0 && this.#inFlight.length < REPORTS_IN_FLIGHT_MAX) {
      if (this.#sink === undefined) return;
      this.#sendOne(this.#sink);
    }
  }

  pending(): number {
    return this.#pending.size;
  }

  #sendOne(sink: ReportSink): void {
    const sent = new Map<string, TaskStatus>();
    for (const taskId of this.#unsent) {
      if (sent.size === STATUSES_PER_REPORT_MAX) break;
      const status = this.#pending.get(taskId);
      assert(status !== undefined, "an unsent status is pending");
      sent.set(taskId, status);
      this.#unsent.delete(taskId);
    }
    this.#sequence += 1;
    const sequence = this.#sequence;
    this.#inFlight.push({ sequence, sent });
    if (this.#inFlight.length === 1) this.#watchDeadline();
    const statuses = [...sent].map(([taskId, status]) => ({ taskId, status }));
    sink.send({ type: "status", sequence, statuses });
  }

  #schedule(): void {
    if (this.#sink === undefined || this.#timer !== undefined) return;
    if (this.#inFlight.length >= REPORTS_IN_FLIGHT_MAX) return;
    this.#timer = this.#clock.setTimer(STATUS_BATCH_DELAY_MS, () => this.flush());
  }

  // Runs while anything is unacknowledged, from the last acknowledgement on.
  #watchDeadline(): void {
    this.#deadline?.cancel();
    this.#deadline = undefined;
    if (this.#inFlight.length === 0) return;
    this.#deadline = this.#clock.setTimer(STATUS_ACKNOWLEDGE_TIMEOUT_MS, () => {
      this.#sink?.stalled();
    });
  }
}
