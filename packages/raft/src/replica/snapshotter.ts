import type { AppliedBatch } from "./applier.ts";
import type { LogIndex, NodeId, RaftCore, SnapshotMetadata } from "@waggle/raft-core";
import type { RaftStore } from "@waggle/raft-storage";
import type { ResolvedOptions } from "../options.ts";
import { logIndex } from "@waggle/raft-core";
import { isCode } from "../internal/is-code.ts";
import { DISK_FULL_RETRY_MS } from "../limits.ts";
import { LogHold } from "./log-hold.ts";

/** What taking snapshots needs of the node. */
export interface SnapshotterPorts {
  readonly options: Pick<
    ResolvedOptions,
    "clock" | "snapshotIntervalEntries" | "trailingEntries" | "stateMachine" | "logger"
  >;
  readonly store: Pick<RaftStore, "saveSnapshot" | "compact">;
  readonly core: Pick<RaftCore, "compact" | "id" | "status">;
  readonly isAlive: (peer: NodeId) => boolean;
  readonly onFailed: (error: unknown) => void;
}

/** Takes a snapshot every so many entries, and then lets go of the log that it covers. */
export class Snapshotter {
  readonly #ports: SnapshotterPorts;
  readonly #hold = new LogHold();
  #newestIndex: number;
  #running: Promise<void> | undefined;
  #waitsUntilMs = -Infinity;

  constructor(ports: SnapshotterPorts, newestIndex: number) {
    this.#ports = ports;
    this.#newestIndex = newestIndex;
  }

  /** The state machine stands exactly where the batch ends: takes a snapshot if one is due. */
  consider({ results, position, dataBytes }: AppliedBatch): void {
    const { options } = this.#ports;
    this.#hold.applied(results.length, dataBytes);
    const due = position.index - this.#newestIndex >= options.snapshotIntervalEntries();
    if (!due || this.#running !== undefined || options.clock.now() < this.#waitsUntilMs) return;
    this.#hold.mark(position.index);
    this.#running = this.#take(position).finally(() => (this.#running = undefined));
  }

  /** A snapshot came from the leader. */
  received(index: number): void {
    this.#newestIndex = Math.max(this.#newestIndex, index);
  }

  async stop(): Promise<void> {
    await this.#running;
  }

  #compactable(wanted: number): LogIndex {
    const { core, isAlive } = this.#ports;
    const { firstIndex, peers } = core.status();
    const behind = peers.filter(({ id }) => id !== core.id && isAlive(id));
    return logIndex(Math.max(0, this.#hold.through(wanted, { firstIndex, behind })));
  }

  async #take(position: SnapshotMetadata): Promise<void> {
    const { options, store, core, onFailed } = this.#ports;
    try {
      const chunks = options.stateMachine.snapshot();
      await store.saveSnapshot(position, chunks, { truncateLog: false });
      // One from the leader, newer than this, may have come meanwhile; then the core has moved on by itself.
      if (position.index <= this.#newestIndex) return;
      this.#newestIndex = position.index;
      const through = this.#compactable(position.index - options.trailingEntries());
      core.compact(position, through);
      await store.compact(through);
      options.logger.info("took a snapshot", { index: position.index });
    } catch (error) {
      if (isCode(error, "stale-snapshot", "closed")) return;
      if (!isCode(error, "disk-full")) {
        onFailed(error);
        return;
      }
      this.#waitsUntilMs = options.clock.now() + DISK_FULL_RETRY_MS;
      options.logger.warn("no room for a snapshot: the log stays", { error });
    }
  }
}
