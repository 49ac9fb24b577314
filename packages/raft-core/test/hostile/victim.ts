import { confChangeOf } from "../../src/codec/index.ts";
import { isRaftError, nodeId } from "../../src/index.ts";
import type {
  Entry,
  LocalMessage,
  RaftCore,
  RaftErrorCode,
  RaftOptions,
  Ready,
  StorageRequest,
} from "../../src/index.ts";
import { openRaftCore } from "../../src/core.ts";
import { aimedAt } from "./message.ts";
import type { HostileMessage } from "./message.ts";

/** One member whose peers may send anything, with a driver that may be interrupted between its duties. */
export class Victim {
  readonly core: RaftCore;
  readonly termAt: (index: number) => number | undefined;
  readonly #threads: StorageRequest[] = [];
  readonly #asynchronous: boolean;
  #ready: Ready | undefined = undefined;
  #confState: Parameters<RaftCore["compact"]>[0]["confState"];

  constructor(options: Pick<RaftOptions, "initial"> & Partial<RaftOptions>) {
    const { core, state } = openRaftCore({ id: nodeId(1), random: () => 0, ...options });
    this.core = core;
    this.termAt = (index) => state.log.termAt(index as never);
    this.#asynchronous = options.asyncStorageWrites === true;
    this.#confState = core.status().confState;
  }

  /** What came of a call: undefined when it was taken. Anything but a RaftError comes out. */
  tried(run: () => void): RaftErrorCode | undefined {
    const before = JSON.stringify(this.core.status());
    try {
      run();
      return undefined;
    } catch (error) {
      if (!isRaftError(error)) throw error;
      const after = JSON.stringify(this.core.status());
      if (after !== before) throw new Error(`${error.code} changed ${before} to ${after}`);
      return error.code;
    }
  }

  take(shape: HostileMessage): RaftErrorCode | undefined {
    const message = aimedAt(shape, this.core.status(), this.termAt);
    return this.tried(() => {
      this.core.step(message);
    });
  }

  /** Does the next duty of a driver: one Ready begun or ended, or one request to a thread done. */
  drive(): void {
    if (this.#asynchronous) this.#driveThreads();
    else if (this.#ready !== undefined) this.#finish(this.#ready);
    else if (this.core.hasReady()) this.#ready = this.core.ready();
  }

  settle(): void {
    for (let duties = 0; duties < 10_000; duties += 1) {
      if (!this.core.hasReady() && this.#ready === undefined && this.#threads.length === 0) return;
      this.drive();
    }
    throw new Error("there is always something to do");
  }

  /** Forgets the log up to where it is applied. */
  compact(): void {
    const { applied } = this.core.status();
    const term = this.termAt(applied);
    if (term === undefined || applied === 0 || this.#confState.voters.length === 0) return;
    const metadata = { index: applied, term: term as never, confState: this.#confState };
    this.tried(() => {
      this.core.compact(metadata, applied);
    });
  }

  #finish(ready: Ready): void {
    this.#ready = undefined;
    if (ready.snapshot !== undefined) this.#confState = ready.snapshot.metadata.confState;
    this.#apply(ready.committedEntries);
    this.core.advance();
  }

  #driveThreads(): void {
    if (this.core.hasReady()) {
      this.#threads.push(...this.core.ready().storage);
      return;
    }
    const request = this.#threads.shift();
    if (request === undefined) return;
    if (request.type === "storage-apply") this.#apply(request.entries);
    else if (request.snapshot !== undefined) this.#confState = request.snapshot.metadata.confState;
    for (const response of request.responses)
      if (response.to === this.core.id) this.core.stepLocal(response as LocalMessage);
  }

  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const change = confChangeOf(entry);
      if (change === undefined) continue;
      this.tried(() => {
        this.#confState = this.core.applyConfChange(change);
      });
    }
  }
}
