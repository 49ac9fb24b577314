import type {
  AppendBatch,
  RaftStore,
  SnapshotReader,
  SnapshotStage,
  StoredState,
} from "../store.ts";
import type { Entry, HardState, LogIndex, SnapshotMetadata } from "@waggle/raft-core";
import type { MemoryStoreOptions } from "./options.ts";
import { RaftStoreError } from "../errors.ts";
import {
  checkBatch,
  checkCompaction,
  checkSnapshot,
  checkStage,
  type LogBounds,
  notStaged,
} from "../internal/log-bounds.ts";
import { readSource } from "../internal/snapshot-source.ts";
import { Staging } from "../internal/staging.ts";
import { BATCH_BYTES_MAX, QUEUE_LENGTH_MAX, SNAPSHOT_CHUNK_BYTES } from "../limits.ts";
import { memoryBytesMax } from "./options.ts";
import { SnapshotBuffer } from "./snapshot-buffer.ts";

/** Makes a store in memory. It forgets everything with the process, and otherwise keeps the contract. */
export function createMemoryStore(options: MemoryStoreOptions = {}): RaftStore {
  return new MemoryStore(options);
}

class MemoryStore implements RaftStore {
  readonly #initial: StoredState;
  readonly #bytesMax: number;
  readonly #beforeAppend: (() => Promise<void> | void) | undefined;
  readonly #bounds: LogBounds;
  readonly #staging: Staging<SnapshotBuffer>;
  #hardState: HardState | undefined;
  #entries: Entry[];
  #entryBytes: number;
  #snapshotData: Uint8Array;
  #failure: RaftStoreError | undefined;
  #closing: Promise<void> | undefined;
  readonly #endSources = new AbortController();
  #tail: Promise<unknown> = Promise.resolve();
  #queued = 0;

  constructor(options: MemoryStoreOptions) {
    this.#bytesMax = memoryBytesMax(options);
    this.#beforeAppend = options.beforeAppend;
    this.#staging = new Staging(() => Promise.resolve(new SnapshotBuffer(this.#bytesMax)));
    const initial = options.initial;
    this.#initial = {
      hardState: initial?.hardState,
      snapshot: initial?.snapshot,
      entries: [...(initial?.entries ?? [])],
    };
    this.#hardState = this.#initial.hardState;
    this.#entries = [...this.#initial.entries];
    this.#entryBytes = bytesOf(this.#entries);
    this.#snapshotData = options.initialSnapshot ?? new Uint8Array(0);
    const snapshot = this.#initial.snapshot;
    this.#bounds = { snapshot, last: this.#entries.at(-1)?.index ?? snapshot?.index ?? 0 };
  }

  initial(): StoredState {
    return this.#initial;
  }

  append(batch: AppendBatch): Promise<void> {
    return this.#enqueue(async () => {
      const bytes = bytesOf(batch.entries);
      if (bytes > BATCH_BYTES_MAX) {
        throw new RaftStoreError("too-large", `a batch of ${bytes} bytes`);
      }
      checkBatch(this.#bounds, batch);
      await this.#injectFault();
      this.#checkRoom(this.#entryBytes + bytes + this.#snapshotData.byteLength);
      this.#truncateFrom(batch.entries[0]?.index);
      for (const entry of batch.entries) this.#entries.push(entry);
      this.#entryBytes += bytes;
      this.#bounds.last = batch.entries.at(-1)?.index ?? this.#bounds.last;
      this.#hardState = batch.hardState ?? this.#hardState;
    });
  }

  async saveSnapshot(
    metadata: SnapshotMetadata,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly truncateLog: boolean },
  ): Promise<void> {
    const install = async (): Promise<void> => {
      checkSnapshot(this.#bounds, metadata, options);
      await this.#install(metadata, await this.#collect(chunks), options);
    };
    if (options.truncateLog) return this.#enqueue(install);
    this.#checkOpen();
    checkSnapshot({ ...this.#bounds, last: Infinity }, metadata, options);
    const data = await this.#collect(chunks);
    return this.#enqueue(() => this.#install(metadata, data, options));
  }

  async stageSnapshot(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage> {
    this.#checkOpen();
    checkStage(this.#bounds, metadata, identity);
    return this.#staging.begin(metadata, identity);
  }

  installSnapshot(metadata: SnapshotMetadata): Promise<void> {
    return this.#enqueue(async () => {
      const staged = await this.#staging.ready(metadata);
      if (staged === undefined) throw notStaged(metadata);
      await this.#install(metadata, staged.bytes(), { truncateLog: true });
      this.#staging.release(staged);
    });
  }

  // The newest snapshot is looked up in turn with the other calls, so that it sees those made before it.
  openSnapshot(): Promise<SnapshotReader | undefined> {
    return this.#enqueue(() => {
      const metadata = this.#bounds.snapshot;
      if (metadata === undefined) return Promise.resolve(undefined);
      const data = this.#snapshotData;
      const chunks = (): AsyncIterable<Uint8Array> => readChunks(data);
      const close = (): Promise<void> => Promise.resolve();
      return Promise.resolve({ metadata, byteLength: data.byteLength, chunks, close });
    });
  }

  compact(through: LogIndex): Promise<void> {
    return this.#enqueue(() => {
      checkCompaction(this.#bounds, through);
      const kept = this.#entries.findIndex((entry) => entry.index > through);
      const dropped = this.#entries.splice(0, kept === -1 ? this.#entries.length : kept);
      this.#entryBytes -= bytesOf(dropped);
      return Promise.resolve();
    });
  }

  close(): Promise<void> {
    this.#endSources.abort();
    this.#closing ??= this.#tail.then(() => this.#staging.close());
    return this.#closing;
  }

  async #collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const buffer = new SnapshotBuffer(this.#bytesMax);
    for await (const chunk of readSource(chunks, this.#endSources.signal)) {
      await buffer.write(chunk);
    }
    return buffer.bytes();
  }

  #install(
    metadata: SnapshotMetadata,
    data: Uint8Array,
    options: { readonly truncateLog: boolean },
  ): Promise<void> {
    checkSnapshot(this.#bounds, metadata, options);
    this.#checkRoom((options.truncateLog ? 0 : this.#entryBytes) + data.byteLength);
    this.#bounds.snapshot = metadata;
    this.#snapshotData = data;
    if (options.truncateLog) {
      this.#entries = [];
      this.#entryBytes = 0;
      this.#bounds.last = metadata.index;
    }
    return Promise.resolve();
  }

  #truncateFrom(index: number | undefined): void {
    const first = this.#entries[0];
    if (index === undefined || first === undefined) return;
    const dropped = this.#entries.splice(Math.max(index - first.index, 0));
    this.#entryBytes -= bytesOf(dropped);
  }

  #checkRoom(bytes: number): void {
    if (bytes > this.#bytesMax) {
      throw new RaftStoreError("disk-full", `${bytes} bytes exceed the limit of ${this.#bytesMax}`);
    }
  }

  async #injectFault(): Promise<void> {
    try {
      await this.#beforeAppend?.();
    } catch (cause) {
      this.#failure = new RaftStoreError("failed", "the injected fault broke the store", { cause });
      throw this.#failure;
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new RaftStoreError("closed", "the store is closed");
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #enqueue<T>(operation: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    if (this.#queued >= QUEUE_LENGTH_MAX) {
      throw new RaftStoreError("too-large", `${this.#queued} calls are waiting`);
    }
    this.#queued += 1;
    const run = this.#tail.then(() => {
      this.#queued -= 1;
      if (this.#failure !== undefined) throw this.#failure;
      return operation();
    });
    this.#tail = run.catch(() => undefined);
    return run;
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + entry.data.byteLength, 0);
}

async function* readChunks(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < data.byteLength; offset += SNAPSHOT_CHUNK_BYTES) {
    await Promise.resolve();
    yield data.slice(offset, offset + SNAPSHOT_CHUNK_BYTES);
  }
}
