import { watch } from "node:fs";
import type { FSWatcher } from "node:fs";
import type { AgentClock, AgentTimer } from "../clock.ts";
import { LIVENESS_POLL_MS, LOG_COLLECT_INTERVAL_MS } from "./limits.ts";

/** Has output collected soon after it was written. */
export interface OutputWatch {
  close(): void;
}

export interface OutputWatchOptions {
  readonly directory: string;
  readonly clock: AgentClock;
  /** Reads what is new; says whether there is more. */
  readonly collect: () => Promise<boolean>;
}

/**
 * Watches the folder of a task's output. The file system's notices are only listened to while nothing is to be done: a task
 * that writes without pause would otherwise cost a notice per write. A slow look finds what was written unnoticed.
 */
export function watchOutput(options: OutputWatchOptions): OutputWatch {
  const watcher = new Watcher(options);
  watcher.look();
  return watcher;
}

class Watcher implements OutputWatch {
  readonly #options: OutputWatchOptions;
  #notices: FSWatcher | undefined;
  #timer: AgentTimer | undefined;
  #closed = false;

  constructor(options: OutputWatchOptions) {
    this.#options = options;
  }

  /** Collects after a moment, in which more may come. */
  look(): void {
    if (this.#closed) return;
    this.#stopListening();
    this.#timer?.cancel();
    this.#timer = this.#options.clock.setTimer(LOG_COLLECT_INTERVAL_MS, () => void this.#collect());
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#stopListening();
  }

  async #collect(): Promise<void> {
    const more = await this.#attempt();
    if (this.#closed) return;
    if (more) {
      this.look();
      return;
    }
    this.#listen();
    this.#timer = this.#options.clock.setTimer(LIVENESS_POLL_MS, () => this.look());
    // What was written before the notices were on again.
    if ((await this.#attempt()) && this.#listening()) this.look();
  }

  // A full disk must not end the task; its output waits in its file until there is room again.
  #attempt(): Promise<boolean> {
    return this.#options.collect().catch(() => false);
  }

  #listen(): void {
    try {
      this.#notices = watch(this.#options.directory, { persistent: false }, () => this.look());
      this.#notices.on("error", () => this.#stopListening());
    } catch {
      // The system's notices are used up: the slow look has to do.
      this.#notices = undefined;
    }
  }

  #listening(): boolean {
    return this.#notices !== undefined && !this.#closed;
  }

  #stopListening(): void {
    this.#notices?.close();
    this.#notices = undefined;
  }
}
