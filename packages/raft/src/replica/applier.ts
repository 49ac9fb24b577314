import type { ConfState, Entry, LogIndex, SnapshotMetadata, Term } from "@waggle/raft-core";
import type { RaftStore } from "@waggle/raft-storage";
import type { StateMachine } from "../state-machine.ts";
import { RaftNodeError } from "../errors.ts";
import { assert } from "../internal/assert.ts";

/** The index of the snapshot that every group starts from. It stands for the empty state, and is never restored. */
export const EMPTY_STATE_INDEX = 1;

/** One entry as applied, with what came of it. */
export interface AppliedResult {
  readonly index: LogIndex;
  readonly term: Term;
  readonly result: unknown;
}

/** What was applied in one go. */
export interface AppliedBatch {
  readonly results: readonly AppliedResult[];
  /** Where the state machine stands now. */
  readonly position: SnapshotMetadata;
  readonly dataBytes: number;
}

/** What the applier needs of the node. */
export interface ApplierPorts {
  readonly stateMachine: StateMachine;
  readonly store: Pick<RaftStore, "openSnapshot">;
  readonly onApplied: (applied: AppliedBatch) => void;
  readonly onRestored: (metadata: SnapshotMetadata) => void;
  /** The state machine, or reading the snapshot, failed; nothing more is applied. */
  readonly onFailed: (error: unknown) => void;
}

type Job =
  | { readonly type: "entries"; readonly entries: readonly Entry[]; readonly confState: ConfState }
  | { readonly type: "restore"; readonly metadata: SnapshotMetadata };

/** Feeds the state machine in its own time, so that a slow one does not hold up heartbeats. */
export class Applier {
  readonly #ports: ApplierPorts;
  #jobs: Job[] = [];
  #queuedBytes = 0;
  #applied: LogIndex;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(ports: ApplierPorts, applied: LogIndex) {
    this.#ports = ports;
    this.#applied = applied;
  }

  /** Everything up to and with this index is in the state machine. */
  get applied(): LogIndex {
    return this.#applied;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get queuedEntries(): number {
    return this.#jobs.reduce(
      (sum, job) => sum + (job.type === "entries" ? job.entries.length : 0),
      0,
    );
  }

  /** Queues committed entries; `confState` is who the members are after the last of them. */
  apply(entries: readonly Entry[], confState: ConfState): void {
    if (entries.length === 0) return;
    this.#queuedBytes += bytesOf(entries);
    this.#push({ type: "entries", entries, confState });
  }

  /** Queues the replacement of the state by the store's newest snapshot. */
  restore(metadata: SnapshotMetadata): void {
    this.#push({ type: "restore", metadata });
  }

  /** Applies nothing more; resolves when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#jobs = [];
    this.#queuedBytes = 0;
    await this.#running;
  }

  #push(job: Job): void {
    if (this.#stopped) return;
    this.#jobs.push(job);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await Promise.resolve();
    try {
      for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) {
        if (job.type === "entries") await this.#applyEntries(job);
        else await this.#restore(job.metadata);
      }
    } catch (error) {
      this.#stopped = true;
      this.#jobs = [];
      this.#ports.onFailed(error);
    }
    this.#running = undefined;
  }

  async #applyEntries(job: Job & { readonly type: "entries" }): Promise<void> {
    const { confState } = job;
    // A restored snapshot may be newer than the one that was asked for, and then covers entries that wait.
    const entries = job.entries.filter(({ index }) => index > this.#applied);
    const own = entries.filter(({ kind, data }) => kind === "normal" && data.byteLength > 0);
    const outcomes = own.length === 0 ? [] : await this.#feed(own);
    const last = entries.at(-1);
    this.#queuedBytes = Math.max(0, this.#queuedBytes - bytesOf(job.entries));
    if (last === undefined) return;
    this.#applied = last.index;
    let at = 0;
    const results = entries.map((entry) => {
      const isOwn = own[at] === entry;
      const result = isOwn ? outcomes[at] : entry.kind === "normal" ? undefined : confState;
      if (isOwn) at += 1;
      return { index: entry.index, term: entry.term, result };
    });
    const position = { index: last.index, term: last.term, confState };
    this.#ports.onApplied({ results, position, dataBytes: bytesOf(entries) });
  }

  async #feed(entries: readonly Entry[]): Promise<readonly unknown[]> {
    const batch = entries.map(({ index, data }) => ({ index, data }));
    try {
      const results = await this.#ports.stateMachine.apply(batch);
      if (results.length === batch.length) return results;
      throw new RangeError(`${batch.length} entries gave ${results.length} results`);
    } catch (cause) {
      throw new RaftNodeError("state-machine", "applying failed", { outcome: "unknown", cause });
    }
  }

  async #restore(metadata: SnapshotMetadata): Promise<void> {
    if (metadata.index <= this.#applied) return;
    const restored = await restoreNewest(this.#ports, metadata);
    this.#applied = restored.index;
    this.#ports.onRestored(restored);
  }
}

/**
 * Brings the state machine to the store's newest snapshot, which is at least as new as `metadata`; returns which it is.
 * @throws RaftNodeError `state-machine`, RaftStoreError.
 */
export async function restoreNewest(
  ports: Pick<ApplierPorts, "stateMachine" | "store">,
  metadata: SnapshotMetadata,
): Promise<SnapshotMetadata> {
  if (metadata.index === EMPTY_STATE_INDEX) return metadata;
  const reader = await ports.store.openSnapshot();
  assert(reader !== undefined, "the store must hold the snapshot to restore");
  assert(reader.metadata.index >= metadata.index, "the store's snapshot must not be older");
  try {
    await ports.stateMachine.restore(reader.metadata.index, reader.chunks());
    return reader.metadata;
  } catch (cause) {
    throw new RaftNodeError("state-machine", "restoring failed", { outcome: "unknown", cause });
  } finally {
    await reader.close();
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { data }) => sum + data.byteLength, 0);
}
