import { Crc32 } from "../internal/crc32.ts";
import { encodeUtf8 } from "../internal/utf8.ts";
import { SNAPSHOT_CHUNK_BYTES_MAX } from "../limits.ts";
import type { SwarmObject } from "../objects/object.ts";
import { SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from "./snapshot-format.ts";
import type { SnapshotHeader } from "./snapshot-format.ts";

/** Encodes a snapshot piece by piece; no piece is longer than {@link SNAPSHOT_CHUNK_BYTES_MAX}. */
export function* encodeSnapshot(
  header: SnapshotHeader,
  objects: Iterable<SwarmObject>,
): Generator<Uint8Array, void, undefined> {
  const crc = new Crc32();
  const writer = new ChunkWriter();
  const pieces = function* (): Generator<Uint8Array, void, undefined> {
    yield Uint8Array.from([...SNAPSHOT_MAGIC, SNAPSHOT_VERSION]);
    yield record(header);
    for (const object of objects) yield record(object);
    yield uint32(0);
  };
  for (const piece of pieces()) {
    crc.update(piece);
    yield* writer.write(piece);
  }
  yield* writer.write(uint32(crc.value));
  yield* writer.end();
}

function record(value: object): Uint8Array {
  const bytes = encodeUtf8(JSON.stringify(value), 4);
  bytes.set(uint32(bytes.length - 4));
  return bytes;
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

class ChunkWriter {
  #chunk = new Uint8Array(SNAPSHOT_CHUNK_BYTES_MAX);
  #length = 0;

  *write(bytes: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + this.#chunk.length - this.#length);
      this.#chunk.set(part, this.#length);
      this.#length += part.length;
      at += part.length;
      if (this.#length === this.#chunk.length) yield* this.end();
    }
  }

  *end(): Generator<Uint8Array, void, undefined> {
    if (this.#length === 0) return;
    const chunk = this.#chunk.subarray(0, this.#length);
    this.#chunk = new Uint8Array(SNAPSHOT_CHUNK_BYTES_MAX);
    this.#length = 0;
    yield chunk;
  }
}
