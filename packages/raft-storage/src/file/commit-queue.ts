import type { AppendBatch } from "../store.ts";
import { RaftStoreError } from "../errors.ts";
import { GROUP_BYTES_MAX, QUEUE_LENGTH_MAX } from "../limits.ts";

/** A batch as it waits, with its encoding counted. */
export interface CountedBatch {
  readonly batch: AppendBatch;
  readonly bodyBytes: number;
}

/** A batch whose outcome is still open. Settling it twice has no effect. */
export interface QueuedBatch extends CountedBatch {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type Job =
  | { readonly type: "append"; readonly queued: QueuedBatch }
  | {
      readonly type: "exclusive";
      readonly run: () => Promise<void>;
      readonly reject: (error: unknown) => void;
    };

/**
 * Calls in the order in which they were made. Appends that wait together are committed together; anything else runs alone.
 */
export class CommitQueue {
  readonly #commit: (group: readonly QueuedBatch[]) => Promise<void>;
  readonly #turn: () => Promise<void>;
  #jobs: Job[] = [];
  #running: Promise<void> | undefined;
  #failure: RaftStoreError | undefined;

  /** `turn` is waited for before each commit: what comes in meanwhile shares its sync. */
  constructor(commit: (group: readonly QueuedBatch[]) => Promise<void>, turn: () => Promise<void>) {
    this.#commit = commit;
    this.#turn = turn;
  }

  /** Why nothing runs any more. */
  get failure(): RaftStoreError | undefined {
    return this.#failure;
  }

  append(counted: CountedBatch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#push({ type: "append", queued: { ...counted, resolve, reject } });
    });
  }

  exclusive<T>(operation: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = (): Promise<void> => operation().then(resolve, reject);
      this.#push({ type: "exclusive", run, reject });
    });
  }

  /** Everything that waits, and everything to come, is refused. */
  fail(error: RaftStoreError): void {
    this.#failure ??= error;
    for (const job of this.#jobs.splice(0)) rejectJob(job, this.#failure);
  }

  /** Runs when all that waits now is done, also after a failure. */
  async finish(operation: () => Promise<void>): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    await operation();
  }

  #push(job: Job): void {
    if (this.#failure !== undefined) {
      rejectJob(job, this.#failure);
    } else if (this.#jobs.length >= QUEUE_LENGTH_MAX) {
      rejectJob(job, new RaftStoreError("too-large", `${this.#jobs.length} calls are waiting`));
    } else {
      this.#jobs.push(job);
      this.#running ??= this.#run();
    }
  }

  async #run(): Promise<void> {
    await this.#turn();
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (job.type === "append") await this.#commitGroup(this.#takeGroup());
      else await this.#runExclusive();
      if (this.#jobs[0] === undefined || this.#jobs[0].type === "append") await this.#turn();
    }
    // In the same step as the last look at the queue, so that no job slips in between.
    this.#running = undefined;
  }

  async #runExclusive(): Promise<void> {
    const job = this.#jobs.shift();
    if (job?.type === "exclusive") await job.run();
  }

  async #commitGroup(group: readonly QueuedBatch[]): Promise<void> {
    try {
      await this.#commit(group);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #takeGroup(): readonly QueuedBatch[] {
    const group: QueuedBatch[] = [];
    let bytes = 0;
    let count = 0;
    for (const job of this.#jobs) {
      if (job.type !== "append") break;
      bytes += job.queued.bodyBytes;
      if (count > 0 && bytes > GROUP_BYTES_MAX) break;
      group.push(job.queued);
      count += 1;
    }
    this.#jobs.splice(0, count);
    return group;
  }
}

function rejectJob(job: Job, error: RaftStoreError): void {
  if (job.type === "append") job.queued.reject(error);
  else job.reject(error);
}
