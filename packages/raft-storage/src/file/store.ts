import type {
  AppendBatch,
  RaftStore,
  SnapshotReader,
  SnapshotStage,
  StoredState,
} from "../store.ts";
import type { HardState, LogIndex, SnapshotMetadata } from "@waggle/raft-core";
import type { Body } from "./segment/items.ts";
import type { KeyRing } from "./keys/key-ring.ts";
import type { ResolvedOptions } from "./options.ts";
import type { SegmentLog } from "./segment/log.ts";
import type { SnapshotShelf } from "./snapshot/shelf.ts";
import { join } from "node:path";
import { isRaftStoreError, RaftStoreError } from "../errors.ts";
import {
  checkBatch,
  checkCompaction,
  checkSnapshot,
  checkStage,
  lastAfter,
  type LogBounds,
  notStaged,
} from "../internal/log-bounds.ts";
import { readSource } from "../internal/snapshot-source.ts";
import { Staging } from "../internal/staging.ts";
import { BATCH_BYTES_MAX } from "../limits.ts";
import { CommitQueue, type QueuedBatch } from "./commit-queue.ts";
import { snapshotName } from "./names.ts";
import { batchBytes, batchesBody, snapshotBody, startBody } from "./segment/items.ts";
import { type SnapshotPlace, SnapshotWriter } from "./snapshot/writer.ts";
import { isNoRoom } from "./vfs/vfs.ts";

/** What an open store starts from. */
export interface FileStoreParts {
  readonly options: ResolvedOptions;
  readonly unlock: () => Promise<void>;
  readonly keys: KeyRing | undefined;
  readonly log: SegmentLog;
  readonly shelf: SnapshotShelf;
  readonly initial: StoredState;
}

/** A store on disk. */
export interface FileRaftStore extends RaftStore {
  /**
   * Seals all data keys anew under the provider's present key, and encrypts with a new data key from here on. Appends go on
   * before and after. Once resolved, the key before is needed no more; what was encrypted stays under its own data key.
   * @throws RaftStoreError `wrong-key` when the provider refuses (nothing has changed), `invalid-argument` without one,
   * `too-large`, `disk-full`.
   */
  rotateKeys(): Promise<void>;
}

/** The store behind {@link openFileStore}. */
export class FileStore implements FileRaftStore {
  readonly #options: ResolvedOptions;
  readonly #unlock: () => Promise<void>;
  readonly #initial: StoredState;
  readonly #queue: CommitQueue;
  readonly #bounds: LogBounds;
  readonly #shelf: SnapshotShelf;
  readonly #staging: Staging<SnapshotWriter>;
  readonly #keys: KeyRing | undefined;
  readonly #log: SegmentLog;
  readonly #start: () => Body;
  #hardState: HardState | undefined;
  #closing: Promise<void> | undefined;
  #commits = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  readonly #endSources = new AbortController();
  /** Snapshots of our own that are being written, beside the queue. */
  readonly #saving = new Set<Promise<void>>();

  constructor(parts: FileStoreParts) {
    this.#options = parts.options;
    this.#unlock = parts.unlock;
    this.#keys = parts.keys;
    this.#log = parts.log;
    this.#start = () => startBody(this.#hardState, this.#bounds.snapshot);
    this.#initial = parts.initial;
    const { hardState, snapshot, entries } = parts.initial;
    this.#hardState = hardState;
    this.#bounds = { snapshot, last: entries.at(-1)?.index ?? snapshot?.index ?? 0 };
    this.#shelf = parts.shelf;
    this.#staging = new Staging((metadata) => SnapshotWriter.create(this.#place, metadata));
    const { vfs } = parts.options;
    this.#queue = new CommitQueue(
      (group) => this.#guard(() => this.#commit(group)),
      () => vfs.turn?.() ?? Promise.resolve(),
    );
  }

  initial(): StoredState {
    return this.#initial;
  }

  async append(batch: AppendBatch): Promise<void> {
    this.#checkOpen();
    const bodyBytes = batchBytes(batch);
    if (bodyBytes > BATCH_BYTES_MAX) {
      throw new RaftStoreError("too-large", `a batch of ${bodyBytes} bytes`);
    }
    await this.#queue.append({ batch, bodyBytes });
  }

  async saveSnapshot(
    metadata: SnapshotMetadata,
    chunks: AsyncIterable<Uint8Array>,
    options: { readonly truncateLog: boolean },
  ): Promise<void> {
    this.#checkOpen();
    // What replaces the log is waited for by calls made later; one of our own only joins the queue once it is written,
    // so that appends go on meanwhile.
    if (options.truncateLog) {
      await this.#exclusive(async () => {
        checkSnapshot(this.#bounds, metadata, options);
        const written = await this.#writeSnapshot(metadata, chunks);
        await this.#publishSnapshot(written, options).finally(() => written.discard());
      });
      return;
    }
    checkSnapshot({ ...this.#bounds, last: Infinity }, metadata, options);
    const saving = this.#saveOwn(metadata, chunks);
    this.#saving.add(saving);
    await saving.finally(() => this.#saving.delete(saving));
  }

  async #saveOwn(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const written = await this.#guard(() => this.#writeSnapshot(metadata, chunks));
    try {
      await this.#exclusive(() => this.#publishSnapshot(written, { truncateLog: false }));
    } finally {
      // Still there only when the call was refused.
      await written.discard();
    }
  }

  async stageSnapshot(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage> {
    this.#checkOpen();
    checkStage(this.#bounds, metadata, identity);
    const stage = await this.#guard(() => this.#staging.begin(metadata, identity));
    return {
      metadata: stage.metadata,
      get byteLength() {
        return stage.byteLength;
      },
      write: (chunk) => this.#guard(() => stage.write(chunk)),
      complete: (expected) => this.#guard(() => stage.complete(expected)),
      abort: () => stage.abort(),
    };
  }

  installSnapshot(metadata: SnapshotMetadata): Promise<void> {
    return this.#exclusive(async () => {
      const staged = await this.#staging.ready(metadata);
      if (staged === undefined) throw notStaged(metadata);
      await this.#publishSnapshot(staged, { truncateLog: true });
      this.#staging.release(staged);
    });
  }

  openSnapshot(): Promise<SnapshotReader | undefined> {
    return this.#exclusive(async () => {
      const metadata = this.#bounds.snapshot;
      return metadata && (await this.#shelf.open(metadata));
    });
  }

  compact(through: LogIndex): Promise<void> {
    return this.#exclusive(async () => {
      checkCompaction(this.#bounds, through);
      await this.#log.dropThrough(through);
    });
  }

  rotateKeys(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#keys === undefined) {
        throw new RaftStoreError("invalid-argument", "the store has no key provider");
      }
      await this.#keys.rotate();
      await this.#log.begin(this.#start());
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  get #place(): SnapshotPlace {
    return { ...this.#options, keys: this.#keys };
  }

  async #close(): Promise<void> {
    this.#endSources.abort();
    clearTimeout(this.#idleTimer);
    await Promise.allSettled(this.#saving);
    await this.#staging.close();
    await this.#queue.finish(async () => {
      try {
        if (this.#queue.failure === undefined) await this.#guard(() => this.#log.mark());
      } finally {
        await this.#log.close();
        await this.#unlock();
      }
    });
  }

  async #commit(group: readonly QueuedBatch[]): Promise<void> {
    const accepted = this.#accept(group);
    if (accepted.length === 0) return;
    const body = batchesBody(accepted.map(({ batch }) => batch));
    const indexMax = Math.max(...accepted.map(({ batch }) => batch.entries.at(-1)?.index ?? 0));
    if (body.byteLength > 0) await this.#log.write({ body, start: this.#start, indexMax });
    for (const { batch } of accepted) {
      this.#bounds.last = lastAfter(this.#bounds, batch);
      this.#hardState = batch.hardState ?? this.#hardState;
    }
    if (accepted.some(({ batch }) => batch.sync)) await this.#log.sync();
    for (const { resolve } of accepted) resolve();
    this.#markWhenIdle();
  }

  // One timer runs on while there are appends: to set one for each would cost more than the append's own bookkeeping.
  #markWhenIdle(): void {
    const { idleMarkMs } = this.#options;
    this.#commits += 1;
    if (this.#idleTimer !== undefined || idleMarkMs === 0) return;
    const seen = this.#commits;
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#closing !== undefined || this.#queue.failure !== undefined) return;
      if (this.#commits > seen) this.#markWhenIdle();
      else this.#exclusive(() => this.#log.mark()).catch(() => undefined);
    }, idleMarkMs);
    this.#idleTimer.unref();
  }

  // Those that do not follow the log are refused alone; the rest of the group goes on.
  #accept(group: readonly QueuedBatch[]): readonly QueuedBatch[] {
    const ahead = { ...this.#bounds };
    return group.filter(({ batch, reject }) => {
      try {
        checkBatch(ahead, batch);
        ahead.last = lastAfter(ahead, batch);
        return true;
      } catch (error) {
        reject(error);
        return false;
      }
    });
  }

  async #writeSnapshot(
    metadata: SnapshotMetadata,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<SnapshotWriter> {
    const writer = await SnapshotWriter.create(this.#place, metadata);
    try {
      for await (const chunk of readSource(chunks, this.#endSources.signal)) {
        await writer.write(chunk);
      }
      await writer.finish();
      return writer;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  // The record that names the snapshot comes last: before it the file counts for nothing. Without room for that record
  // the writer still has its file, and can be published once there is room.
  async #publishSnapshot(
    written: SnapshotWriter,
    options: { readonly truncateLog: boolean },
  ): Promise<void> {
    const { vfs, directory, nowMs } = this.#options;
    const { metadata } = written;
    const name = snapshotName(metadata);
    checkSnapshot(this.#bounds, metadata, options);
    try {
      await vfs.rename(join(directory, written.name), join(directory, name));
      await vfs.syncDirectory(directory);
      await this.#recordSnapshot(metadata, options);
    } catch (error) {
      // The file that the log names must stay, also when it was replaced.
      if (isNoRoom(error) && !this.#shelf.has(name)) {
        await vfs.rename(join(directory, name), join(directory, written.name));
      }
      throw error;
    }
    this.#shelf.add({ name, metadata, takenAtMs: nowMs() });
    await this.#shelf.prune();
  }

  async #recordSnapshot(
    metadata: SnapshotMetadata,
    options: { readonly truncateLog: boolean },
  ): Promise<void> {
    if (options.truncateLog) {
      await this.#log.reset(startBody(this.#hardState, metadata));
      this.#bounds.last = metadata.index;
    } else {
      const body = snapshotBody(metadata);
      await this.#log.write({ body, start: this.#start, indexMax: 0 });
      await this.#log.sync();
    }
    this.#bounds.snapshot = metadata;
  }

  async #exclusive<T>(operation: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    return this.#queue.exclusive(() => this.#guard(operation));
  }

  // What the disk throws becomes a typed error, and all but a full disk ends the store.
  async #guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      const error = typed(cause, this.#options.directory);
      if (error.code === "failed") this.#queue.fail(error);
      throw error;
    }
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new RaftStoreError("closed", "the store is closed");
    if (this.#queue.failure !== undefined) throw this.#queue.failure;
  }
}

function typed(cause: unknown, file: string): RaftStoreError {
  if (isRaftStoreError(cause)) return cause;
  return isNoRoom(cause)
    ? new RaftStoreError("disk-full", "no room on the disk", { file, cause })
    : new RaftStoreError("failed", "the disk failed; open the store again", { file, cause });
}
