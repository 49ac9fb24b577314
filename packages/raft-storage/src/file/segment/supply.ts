import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { PREPARE_RETRY_SHARE } from "../../limits.ts";
import { temporaryName } from "../names.ts";
import { fillWithZeros } from "../vfs/vfs.ts";

/** A file full of zeros, under a temporary name, all of it on the disk. */
export interface SpareFile {
  readonly file: VfsFile;
  readonly fileBytes: number;
}

/** What the supply needs to know. */
export interface SupplyOptions {
  readonly vfs: Vfs;
  readonly directory: string;
  readonly segmentBytes: number;
  /** Told of what keeps the next file from being made ahead. */
  readonly onShort: (cause: unknown) => void;
}

/**
 * Makes the file of the next segment before it is needed, so that no append waits for it, and so that a full disk is met
 * while there still is room in the present one.
 */
export class SegmentSupply {
  readonly #options: SupplyOptions;
  #ahead: Promise<SpareFile | undefined> | undefined;
  #triedAt = -Infinity;

  constructor(options: SupplyOptions) {
    this.#options = options;
  }

  /** The present segment is written up to `end`: begins, in the background, with the next one's file if it is time. */
  prepare(end: number): void {
    const { segmentBytes, onShort } = this.#options;
    if (this.#ahead !== undefined || end < segmentBytes / 2) return;
    if (end < this.#triedAt + segmentBytes / PREPARE_RETRY_SHARE) return;
    this.#triedAt = end;
    this.#ahead = this.#make(segmentBytes).catch((cause: unknown) => {
      this.#ahead = undefined;
      onShort(cause);
      return undefined;
    });
  }

  /** A file of at least so many bytes: the one that was made ahead, or one made now. What the file system throws passes. */
  async take(bytes: number): Promise<SpareFile> {
    const spare = await this.#ahead;
    this.#ahead = undefined;
    this.#triedAt = -Infinity;
    const fileBytes = Math.max(bytes, this.#options.segmentBytes);
    if (spare === undefined) return this.#make(fileBytes);
    if (spare.fileBytes < fileBytes) await this.#fill(spare.file, spare.fileBytes, fileBytes);
    return { file: spare.file, fileBytes: Math.max(spare.fileBytes, fileBytes) };
  }

  async close(): Promise<void> {
    const spare = await this.#ahead;
    this.#ahead = undefined;
    if (spare !== undefined) await this.#discard(spare.file);
  }

  async #make(fileBytes: number): Promise<SpareFile> {
    const { vfs, directory } = this.#options;
    const path = join(directory, temporaryName("log", randomUUID()));
    const file = await vfs.open(path, "create");
    await this.#fill(file, 0, fileBytes);
    return { file, fileBytes };
  }

  async #fill(file: VfsFile, start: number, end: number): Promise<void> {
    try {
      await fillWithZeros(file, start, end);
      await file.sync();
    } catch (error) {
      await this.#discard(file);
      throw error;
    }
  }

  async #discard(file: VfsFile): Promise<void> {
    await file.close().catch(() => undefined);
    await this.#options.vfs.remove(file.path).catch(() => undefined);
  }
}
