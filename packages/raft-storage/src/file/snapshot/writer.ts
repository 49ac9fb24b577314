import type { SnapshotMetadata } from "@waggle/raft-core";
import type { KeyRing } from "../keys/key-ring.ts";
import type { StageSink } from "../../internal/staging.ts";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { SNAPSHOT_SYNC_BYTES } from "../../limits.ts";
import { temporaryName } from "../names.ts";
import { writeFully } from "../vfs/vfs.ts";
import { dataOffsetOf, encodeSnapshotHead } from "./format.ts";
import { PieceSealer } from "./sealer.ts";

/** Where snapshots go, and what time it is. */
export interface SnapshotPlace {
  readonly vfs: Vfs;
  readonly directory: string;
  readonly nowMs: () => number;
  /** Undefined to leave snapshots plain. */
  readonly keys: KeyRing | undefined;
}

/** A snapshot's file while it is written, under a temporary name. What the file system throws passes through. */
export class SnapshotWriter implements StageSink {
  readonly name: string;
  readonly metadata: SnapshotMetadata;
  readonly #place: SnapshotPlace;
  readonly #file: VfsFile;
  readonly #sealer: PieceSealer | undefined;
  #unsyncedBytes = 0;
  #storedBytes = 0;
  #storedCrc = 0;
  #open = true;
  byteLength = 0;
  crc32 = 0;

  private constructor(
    place: SnapshotPlace,
    file: VfsFile,
    about: { name: string; metadata: SnapshotMetadata },
  ) {
    this.#place = place;
    this.#file = file;
    this.name = about.name;
    this.metadata = about.metadata;
    const { keys } = place;
    this.#sealer = keys === undefined ? undefined : new PieceSealer(keys, about);
  }

  static async create(place: SnapshotPlace, metadata: SnapshotMetadata): Promise<SnapshotWriter> {
    const name = temporaryName("snapshot", randomUUID());
    const file = await place.vfs.open(join(place.directory, name), "create");
    return new SnapshotWriter(place, file, { name, metadata });
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.byteLength += chunk.byteLength;
    this.crc32 = crc32(chunk, this.crc32);
    if (this.#sealer === undefined) await this.#store(chunk);
    else for (const piece of this.#sealer.take(chunk)) await this.#store(piece);
  }

  async finish(): Promise<void> {
    if (this.#sealer !== undefined) await this.#store(this.#sealer.last());
    const head = encodeSnapshotHead(this.metadata, {
      dataBytes: this.byteLength,
      dataCrc: this.#storedCrc,
      takenAtMs: this.#place.nowMs(),
      seal: this.#sealer?.seal,
    });
    await writeFully(this.#file, head, 0);
    await this.#file.sync();
    this.#open = false;
    await this.#file.close();
  }

  async #store(bytes: Uint8Array): Promise<void> {
    await writeFully(this.#file, bytes, dataOffsetOf(this.metadata) + this.#storedBytes);
    this.#storedBytes += bytes.byteLength;
    this.#storedCrc = crc32(bytes, this.#storedCrc);
    // By and by, so that the log's syncs never queue behind one huge flush.
    this.#unsyncedBytes += bytes.byteLength;
    if (this.#unsyncedBytes < SNAPSHOT_SYNC_BYTES) return;
    this.#unsyncedBytes = 0;
    await this.#file.sync();
  }

  async discard(): Promise<void> {
    if (this.#open) await this.#file.close().catch(() => undefined);
    this.#open = false;
    const path = join(this.#place.directory, this.name);
    await this.#place.vfs.remove(path).catch(() => undefined);
  }
}
