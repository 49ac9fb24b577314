import type { SnapshotFile } from "./retention.ts";
import type { SnapshotPlace } from "./writer.ts";
import type { SnapshotReader } from "../../store.ts";
import { join } from "node:path";
import { snapshotName } from "../names.ts";
import { openSnapshotFile } from "./read.ts";
import { superseded, type SnapshotRetention } from "./retention.ts";

/** The snapshots' files: which there are, who reads them, and which may go. */
export class SnapshotShelf {
  readonly #place: SnapshotPlace;
  readonly #retention: SnapshotRetention;
  /** Ascending by index. */
  #files: SnapshotFile[];
  readonly #readers = new Map<string, number>();

  constructor(place: SnapshotPlace, retention: SnapshotRetention, files: readonly SnapshotFile[]) {
    this.#place = place;
    this.#retention = retention;
    this.#files = [...files];
  }

  /** The file of that name is the newest from here on. */
  add(file: SnapshotFile): void {
    this.#files = [...this.#files.filter(({ name }) => name !== file.name), file];
  }

  has(name: string): boolean {
    return this.#files.some((file) => file.name === name);
  }

  /** Opens one for reading; it stays until its readers have closed. */
  async open(metadata: SnapshotFile["metadata"]): Promise<SnapshotReader> {
    const name = snapshotName(metadata);
    const reader = await openSnapshotFile(this.#place, metadata);
    this.#readers.set(name, (this.#readers.get(name) ?? 0) + 1);
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => {
      closed ??= reader.close().finally(() => {
        this.#readers.set(name, (this.#readers.get(name) ?? 1) - 1);
      });
      return closed;
    };
    return { ...reader, close };
  }

  /** Deletes what is neither kept nor read. What is still read goes at a later call, or at the next open. */
  async prune(): Promise<void> {
    const { vfs, directory, nowMs } = this.#place;
    for (const { name } of superseded(this.#files, this.#retention, nowMs())) {
      if ((this.#readers.get(name) ?? 0) > 0) continue;
      await vfs.remove(join(directory, name));
      this.#files = this.#files.filter((file) => file.name !== name);
    }
  }
}
