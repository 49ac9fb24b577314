import type {
  AssignmentsComplete,
  AssignmentsIncremental,
  ManagerPeer,
  NodeDescription,
  Task,
} from "@waggle/swarm-state";
import type { AgentClock, AgentTimer } from "../clock.ts";
import type { AgentEvent, AgentLogger } from "../events.ts";
import { delay } from "../internal/delay.ts";
import { textOf } from "../internal/text.ts";
import {
  ASSIGNED_TASKS_MAX,
  DESCRIPTION_REFRESH_MS,
  SESSION_BACKOFF_MS_MAX,
  SESSION_STABLE_MS,
} from "../limits.ts";
import { backoffMs } from "./backoff.ts";
import type { DialManager } from "./connection.ts";
import type { ManagerList } from "./manager-list.ts";
import { runSession } from "./session.ts";
import type { Session, SessionMessage, SessionOutcome } from "./session.ts";
import type { StatusReporter } from "./status-reporter.ts";

export interface SessionLoopOptions {
  readonly nodeId: string;
  readonly dial: DialManager;
  readonly managers: ManagerList;
  readonly reporter: StatusReporter;
  readonly describe: () => NodeDescription;
  readonly clock: AgentClock;
  readonly random: () => number;
  readonly logger: AgentLogger;
  readonly emit: (event: AgentEvent) => void;
  readonly onAssignments: (assignments: AssignmentsComplete | AssignmentsIncremental) => void;
}

/** Keeps one session with any manager, for as long as it runs. */
export interface SessionLoop {
  /** Resolves when the loop has ended. */
  run(): Promise<void>;
  /** Takes the description again and sends it, if it changed. */
  refreshDescription(): void;
  /** Moves on to another manager, if the session is with this one: it is known to be dead or cut off. */
  leaveManager(nodeId: string): void;
  /** Ends the loop. With `bye`, an open session says so first. */
  stop(options: { readonly bye: boolean }): Promise<void>;
}

export function createSessionLoop(options: SessionLoopOptions): SessionLoop {
  return new Loop(options);
}

class Loop implements SessionLoop {
  readonly #options: SessionLoopOptions;
  readonly #stopped = new AbortController();
  #session: Session | undefined;
  #manager: ManagerPeer | undefined;
  #abandon = new AbortController();
  #complete = false;
  /** What has come of a complete set whose end is still to come. */
  #parts: readonly Task[] = [];
  #describedAs = "";
  #descriptionTimer: AgentTimer | undefined;
  #running: Promise<void> | undefined;

  constructor(options: SessionLoopOptions) {
    this.#options = options;
  }

  run(): Promise<void> {
    this.#running ??= this.#loop();
    return this.#running;
  }

  refreshDescription(): void {
    if (this.#session === undefined) return;
    const description = this.#options.describe();
    const text = JSON.stringify(description);
    if (text === this.#describedAs) return;
    this.#describedAs = text;
    this.#session.send({ type: "description", description });
  }

  leaveManager(nodeId: string): void {
    if (this.#manager?.nodeId === nodeId) this.#abandon.abort();
  }

  async stop({ bye }: { readonly bye: boolean }): Promise<void> {
    const session = this.#session;
    if (session !== undefined) {
      this.#options.reporter.flush();
      if (bye) session.send({ type: "bye" });
      await this.#withinReason(session.close());
    }
    this.#stopped.abort();
    await this.#running;
  }

  // A peer that does not read must not keep the agent from stopping.
  async #withinReason(closing: Promise<void>): Promise<void> {
    const done = new AbortController();
    await Promise.race([closing, delay(this.#options.clock, 1_000, done.signal)]);
    done.abort();
  }

  async #loop(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#stopped;
    const stopped = (): boolean => signal.aborted;
    let failures = 0;
    let fatal = false;
    while (!stopped()) {
      const pauseMs = fatal ? SESSION_BACKOFF_MS_MAX : backoffMs(failures, random);
      if (pauseMs > 0) await delay(clock, pauseMs, signal);
      if (stopped()) return;
      const startedAtMs = clock.now();
      const outcome = await this.#attempt();
      // A session that was open for a while and is lost counts as the first failure: the next attempt is immediate.
      const wasOpen = outcome?.kind === "lost" && outcome.opened;
      const stable = wasOpen && clock.now() - startedAtMs >= SESSION_STABLE_MS;
      failures = stable ? 1 : failures + 1;
      fatal = outcome?.kind === "refused" && outcome.fatal;
    }
  }

  /** One session with some manager; `undefined` when it did not even come to dialling. */
  async #attempt(): Promise<SessionOutcome | undefined> {
    const { managers, random, logger } = this.#options;
    try {
      const manager = managers.pick(random);
      if (manager === undefined) return undefined;
      const outcome = await this.#runOne(manager);
      managers.failed(manager);
      return outcome;
    } catch (error) {
      // What the owner's functions throw must not end the search for a manager.
      logger.warn("no session attempted", { error: textOf(error) });
      return undefined;
    }
  }

  async #runOne(manager: ManagerPeer): Promise<SessionOutcome> {
    const { nodeId, dial, clock, emit, describe } = this.#options;
    const description = describe();
    this.#describedAs = JSON.stringify(description);
    this.#abandon = new AbortController();
    this.#manager = manager;
    this.#complete = false;
    this.#parts = [];
    const outcome = await runSession({
      manager,
      nodeId,
      description,
      dial,
      clock,
      signal: AbortSignal.any([this.#stopped.signal, this.#abandon.signal]),
      handlers: {
        onOpened: (session, accepted) => {
          this.#session = session;
          this.#options.managers.succeeded();
          emit({ type: "session:opened", manager, sessionId: accepted.sessionId });
          this.#learn(accepted.managers);
          this.#scheduleDescription();
        },
        onMessage: (session, message) => this.#take(session, message),
      },
    });
    this.#endSession();
    if (outcome.kind === "refused") {
      emit({ type: "session:refused", manager, fatal: outcome.fatal, reason: outcome.reason });
    } else if (!this.#stopped.signal.aborted) {
      emit({ type: "session:lost", manager, opened: outcome.opened, reason: outcome.reason });
    }
    return outcome;
  }

  #take(session: Session, message: SessionMessage): void {
    switch (message.type) {
      case "assignments":
        this.#assigned(session, message);
        return;
      case "status-acknowledged":
        this.#options.reporter.acknowledged(message.sequence);
        return;
      case "managers":
        this.#learn(message.managers);
        return;
    }
  }

  #assigned(session: Session, message: AssignmentsComplete | AssignmentsIncremental): void {
    if (message.mode === "incremental") {
      // Changes mean nothing before the complete set that they continue, or in the midst of one.
      if (this.#complete && this.#parts.length === 0) this.#options.onAssignments(message);
      else session.abandon("incremental assignments before the complete set");
      return;
    }
    const tasks = [...this.#parts, ...message.tasks];
    if (tasks.length > ASSIGNED_TASKS_MAX) {
      session.abandon(`a complete set of more than ${ASSIGNED_TASKS_MAX} tasks`);
      return;
    }
    this.#parts = message.more === true ? tasks : [];
    if (message.more === true) return;
    this.#options.onAssignments({ ...message, tasks });
    if (this.#complete) return;
    this.#complete = true;
    this.#attachReporter(session);
  }

  #attachReporter(session: Session): void {
    this.#options.reporter.attach({
      send: (report) => session.send(report),
      stalled: () => session.abandon("status reports are not acknowledged"),
    });
  }

  #learn(managers: readonly ManagerPeer[]): void {
    if (!this.#options.managers.replace(managers)) return;
    this.#options.emit({ type: "managers:changed", managers: this.#options.managers.current() });
  }

  #scheduleDescription(): void {
    this.#descriptionTimer?.cancel();
    this.#descriptionTimer = this.#options.clock.setTimer(DESCRIPTION_REFRESH_MS, () => {
      this.refreshDescription();
      this.#scheduleDescription();
    });
  }

  #endSession(): void {
    this.#session = undefined;
    this.#manager = undefined;
    this.#options.reporter.detach();
    this.#descriptionTimer?.cancel();
    this.#descriptionTimer = undefined;
  }
}
