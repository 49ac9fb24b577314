import type { StageSink } from "../internal/staging.ts";
import { RaftStoreError } from "../errors.ts";
import { crc32 } from "../internal/crc32.ts";

/** A snapshot's bytes as they come in. */
export class SnapshotBuffer implements StageSink {
  readonly #bytesMax: number;
  #parts: Uint8Array[] = [];
  byteLength = 0;
  crc32 = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @throws RaftStoreError `disk-full`. */
  async write(chunk: Uint8Array): Promise<void> {
    await Promise.resolve();
    if (this.byteLength + chunk.byteLength > this.#bytesMax) {
      const message = `the snapshot exceeds the limit of ${this.#bytesMax} bytes`;
      throw new RaftStoreError("disk-full", message);
    }
    this.#parts.push(chunk.slice());
    this.byteLength += chunk.byteLength;
    this.crc32 = crc32(chunk, this.crc32);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    this.#parts = [];
    return Promise.resolve();
  }

  /** All of it in one piece. */
  bytes(): Uint8Array {
    const data = new Uint8Array(this.byteLength);
    let offset = 0;
    for (const part of this.#parts) {
      data.set(part, offset);
      offset += part.byteLength;
    }
    return data;
  }
}
