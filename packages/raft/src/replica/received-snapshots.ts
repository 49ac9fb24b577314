import type { Clock } from "../clock.ts";
import type { Message, RaftCore, SnapshotMessage, SnapshotMetadata } from "@waggle/raft-core";
import type { RaftLogger } from "../options.ts";
import type { RaftStore, SnapshotStage } from "@waggle/raft-storage";
import { after } from "../clock.ts";
import { assert } from "../internal/assert.ts";
import { isCode } from "../internal/is-code.ts";
import { DISK_FULL_RETRY_MS } from "../limits.ts";

/** What taking over received snapshots needs of the node. */
export interface ReceivedSnapshotsPorts {
  readonly options: { readonly clock: Clock; readonly logger: RaftLogger };
  readonly store: Pick<RaftStore, "stageSnapshot" | "installSnapshot">;
  readonly core: Pick<RaftCore, "status">;
  readonly isRunning: () => boolean;
  /** Tells Raft of it, and sets the loop going. @throws RaftError for what no peer may send. */
  readonly step: (message: Message) => void;
  readonly onFailed: (error: unknown) => void;
}

/** A complete snapshot that Raft knows of. */
interface Waiting {
  readonly metadata: SnapshotMetadata;
  readonly stage: SnapshotStage;
  readonly settled: PromiseWithResolvers<boolean>;
}

/** Stands between a snapshot that the network brought to the disk and the loop that puts it in force. One at a time. */
export class ReceivedSnapshots {
  readonly #ports: ReceivedSnapshotsPorts;
  #waiting: Waiting | undefined;

  constructor(ports: ReceivedSnapshotsPorts) {
    this.#ports = ports;
  }

  judge(message: SnapshotMessage): "wanted" | "held" | "stale" {
    const { core, step, isRunning } = this.#ports;
    if (!isRunning() || message.term < core.status().term) return "stale";
    if (!this.#holds(message.snapshot.metadata)) return "wanted";
    // Its sender learns from Raft's answer how far this member is.
    step(message);
    return "held";
  }

  async stage(metadata: SnapshotMetadata, identity: string): Promise<SnapshotStage> {
    const stage = await this.#orFail(this.#ports.store.stageSnapshot(metadata, identity));
    return {
      metadata,
      get byteLength() {
        return stage.byteLength;
      },
      write: (chunk) => this.#orFail(stage.write(chunk)),
      complete: (expected) => this.#orFail(stage.complete(expected)),
      abort: () => stage.abort(),
    };
  }

  async take(message: SnapshotMessage, stage: SnapshotStage): Promise<boolean> {
    assert(this.#waiting === undefined, "snapshots are taken one at a time");
    if (!this.#ports.isRunning()) return false;
    const { metadata } = message.snapshot;
    this.#waiting = { metadata, stage, settled: Promise.withResolvers() };
    const { promise } = this.#waiting.settled;
    try {
      this.#ports.step(message);
    } catch (error) {
      this.dropUnwanted();
      throw error;
    }
    return promise;
  }

  /** Raft asks for it: makes it the store's newest, which replaces the log. Waits for room on a full disk. */
  async install(metadata: SnapshotMetadata): Promise<void> {
    const waiting = this.#waiting;
    assert(
      waiting?.metadata.index === metadata.index,
      "a snapshot must have been received before Raft asks for it",
    );
    const { store, options, isRunning } = this.#ports;
    for (;;) {
      try {
        await store.installSnapshot(metadata);
        break;
      } catch (error) {
        if (!isCode(error, "disk-full") || !isRunning()) throw error;
        options.logger.warn("a snapshot waits for room on the disk", { error });
        await after(options.clock, DISK_FULL_RETRY_MS);
      }
    }
    this.#waiting = undefined;
    waiting.settled.resolve(true);
  }

  /** The loop has nothing more to do: a snapshot that Raft has not asked for by now is of no use. */
  dropUnwanted(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waiting.stage.abort().catch((error: unknown) => {
      this.#ports.options.logger.debug("an unused snapshot stays until the end", { error });
    });
    waiting.settled.resolve(this.#holds(waiting.metadata));
  }

  #holds({ index }: SnapshotMetadata): boolean {
    return index <= this.#ports.core.status().commit;
  }

  // A store that broke promises nothing any more, so neither may this member.
  async #orFail<T>(call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      if (isCode(error, "failed")) this.#ports.onFailed(error);
      throw error;
    }
  }
}
