import { Crc32 } from "../internal/crc32.ts";
import { isPlain, ShapeError } from "../internal/shape.ts";
import { decodeUtf8 } from "../internal/utf8.ts";
import { OBJECT_BYTES_MAX, SNAPSHOT_OBJECTS_MAX } from "../limits.ts";
import type { SwarmObject } from "../objects/object.ts";
import { validateObject } from "../objects/validate-object.ts";
import { OBJECT_KINDS } from "../tables/tables.ts";
import { isToken } from "./entry.ts";
import { SNAPSHOT_MAGIC, SNAPSHOT_VERSION } from "./snapshot-format.ts";
import type { SnapshotHeader } from "./snapshot-format.ts";

/** A snapshot that was read and checked wholly. */
export interface DecodedSnapshot {
  readonly header: SnapshotHeader;
  readonly objects: readonly SwarmObject[];
}

/** Room beyond an object's bytes in the log: its version, and escapes that a later release may write. */
const RECORD_BYTES_MAX = OBJECT_BYTES_MAX + 1_024;

type Stage = "magic" | "length" | "record" | "sum" | "done";

/** Reads a snapshot from pieces of any size, holding at most one record undecoded. Throws ShapeError on damage. */
export class SnapshotReader {
  readonly #crc = new Crc32();
  #stage: Stage = "magic";
  #piece = new Uint8Array(SNAPSHOT_MAGIC.length + 1);
  #filled = 0;
  #header: SnapshotHeader | undefined;
  readonly #objects: SwarmObject[] = [];

  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#stage === "done") throw new ShapeError("snapshot: more bytes after its end");
      const part = chunk.subarray(at, at + this.#piece.length - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#piece.length) this.#take(this.#piece);
    }
  }

  /** The end of the bytes. */
  end(): DecodedSnapshot {
    if (this.#stage !== "done" || this.#header === undefined)
      throw new ShapeError("snapshot: it breaks off");
    checkCounts(this.#header, this.#objects);
    return { header: this.#header, objects: this.#objects };
  }

  #take(piece: Uint8Array): void {
    const sum = this.#crc.value;
    this.#crc.update(piece);
    switch (this.#stage) {
      case "magic":
        checkMagic(piece);
        this.#expect("length", 4);
        return;
      case "length":
        this.#takeLength(uint32(piece));
        return;
      case "record":
        this.#takeRecord(piece);
        this.#expect("length", 4);
        return;
      case "sum":
        if (uint32(piece) !== sum) throw new ShapeError("snapshot: its checksum does not match");
        this.#expect("done", 1);
        return;
      case "done":
        return;
    }
  }

  #takeLength(length: number): void {
    if (length > RECORD_BYTES_MAX) throw new ShapeError("snapshot: a record is too large");
    if (length === 0) this.#expect("sum", 4);
    else this.#expect("record", length);
  }

  #takeRecord(bytes: Uint8Array): void {
    const text = decodeUtf8(bytes);
    if (text === undefined) throw new ShapeError("snapshot: a record is not UTF-8");
    const value: unknown = JSON.parse(text);
    if (this.#header === undefined) {
      this.#header = readHeader(value);
      return;
    }
    if (this.#objects.length >= SNAPSHOT_OBJECTS_MAX)
      throw new ShapeError("snapshot: too many objects");
    validateObject(value);
    if (!isToken(value.version) || value.version > this.#header.index)
      throw new ShapeError("version: expected one not after the snapshot's index");
    if (!Number.isFinite(value.createdAtMs) || !Number.isFinite(value.updatedAtMs))
      throw new ShapeError("snapshot: an object without times");
    this.#objects.push(value);
  }

  #expect(stage: Stage, length: number): void {
    this.#stage = stage;
    this.#piece = new Uint8Array(length);
    this.#filled = 0;
  }
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}

function checkMagic(bytes: Uint8Array): void {
  if (SNAPSHOT_MAGIC.some((byte, i) => bytes[i] !== byte))
    throw new ShapeError("snapshot: not one of a swarm's state");
  if (bytes[SNAPSHOT_MAGIC.length] !== SNAPSHOT_VERSION)
    throw new ShapeError("snapshot: of another format");
}

function readHeader(value: unknown): SnapshotHeader {
  if (!isPlain(value) || !isPlain(value["counts"])) throw new ShapeError("header: not a record");
  const { index, lineage } = value;
  if (!isToken(index) || !isToken(lineage)) throw new ShapeError("header: no index or lineage");
  const counts: Record<string, number> = {};
  for (const [kind, count] of Object.entries(value["counts"])) {
    if (!isToken(count)) throw new ShapeError("counts: expected numbers");
    counts[kind] = count;
  }
  return { index, lineage, counts };
}

/** Objects come kind by kind and in order of id, so doubles and strays show. */
function checkCounts(header: SnapshotHeader, objects: readonly SwarmObject[]): void {
  let at = 0;
  for (const kind of OBJECT_KINDS) {
    let last = "";
    const end = at + (header.counts[kind] ?? 0);
    for (; at < end; at++) {
      const object = objects[at];
      if (object?.kind !== kind || object.id <= last)
        throw new ShapeError(`snapshot: its ${kind} objects are not as counted`);
      last = object.id;
    }
  }
  if (at !== objects.length) throw new ShapeError("snapshot: more objects than counted");
}
