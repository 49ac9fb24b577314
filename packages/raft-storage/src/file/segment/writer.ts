import type { Body } from "./items.ts";
import type { FileCipher } from "../keys/cipher.ts";
import type { LogEnd } from "./walk.ts";
import type { Pace } from "../vfs/pace.ts";
import type { VfsFile } from "../vfs/vfs.ts";
import { assert } from "../../internal/assert.ts";
import { RECORD_BUFFER_BYTES } from "../../limits.ts";
import { isNoRoom, writeFully } from "../vfs/vfs.ts";
import { SEAL_BYTES } from "../keys/cipher.ts";
import { RECORD_HEADER_BYTES, recordBytes, type RecordPlace, sealRecord } from "./format.ts";
import { MARK_BODY } from "./items.ts";

/** Which way the calls of each kind go. */
export interface Paces {
  readonly write: Pace;
  readonly sync: Pace;
}

/** Number of the sealed piece that a segment begins with. */
export const FIRST_PIECE = 0;

/** Where a writer goes on, and what it seals with. A sealed segment must not have been written by another before. */
export interface WriterEnd extends Omit<LogEnd, "torn"> {
  readonly cipher: FileCipher | undefined;
}

/** The segment that is appended to. */
export class SegmentWriter {
  readonly sequence: number;
  readonly #file: VfsFile;
  readonly #paces: Paces;
  readonly #salt: Uint8Array;
  readonly #fileBytes: number;
  #buffer = new Uint8Array(RECORD_BUFFER_BYTES);
  #end: number;
  #durable: number;
  #marked: boolean;
  readonly #cipher: FileCipher | undefined;
  /** Number of the next sealed piece; goes up whether or not the write succeeds. */
  #piece = FIRST_PIECE + 1;

  constructor(file: VfsFile, end: WriterEnd, paces: Paces) {
    this.sequence = end.header.sequence;
    this.#file = file;
    this.#paces = paces;
    this.#salt = end.header.salt;
    this.#fileBytes = end.fileBytes;
    this.#end = end.offset;
    this.#durable = end.offset;
    this.#marked = end.marked;
    this.#cipher = end.cipher;
  }

  /** Where the next record goes. */
  get end(): number {
    return this.#end;
  }

  /** Whether a record fits, and the mark that may follow it. */
  hasRoom(bodyBytes: number): boolean {
    return this.#end + this.#bytesOf(bodyBytes) + this.#markBytes <= this.#fileBytes;
  }

  /** Writes one record. When that fails the segment is as before, as far as its reader is concerned. */
  async write(body: Body): Promise<void> {
    assert(this.hasRoom(body.byteLength), "a record must fit into its segment");
    await this.#put(body);
    this.#marked = false;
  }

  /** Makes all records durable. */
  async sync(): Promise<void> {
    if (this.#durable === this.#end) return;
    const end = this.#end;
    const { sync: pace } = this.#paces;
    const startedAt = performance.now();
    if (pace.blocking && this.#file.syncNow !== undefined) this.#file.syncNow();
    else await this.#file.sync();
    const endedAt = performance.now();
    pace.took(endedAt - startedAt, endedAt);
    this.#durable = end;
  }

  /** Makes all records durable and says so behind the last one, durably. Does so once, until more is written. */
  async mark(): Promise<void> {
    await this.sync();
    const isFull = this.#end + this.#markBytes > this.#fileBytes;
    if (this.#marked || isFull) return;
    try {
      await this.#put(MARK_BODY);
    } catch (error) {
      // It can be done without.
      if (isNoRoom(error)) return;
      throw error;
    }
    this.#marked = true;
    await this.sync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #put(body: Body): Promise<void> {
    const record = this.#encode(body);
    try {
      await this.#writeOut(record);
    } catch (error) {
      await writeFully(this.#file, new Uint8Array(RECORD_HEADER_BYTES), this.#end);
      throw error;
    }
    this.#end += record.byteLength;
  }

  async #writeOut(record: Uint8Array): Promise<void> {
    const { write: pace } = this.#paces;
    const startedAt = performance.now();
    let written = 0;
    if (pace.blocking && this.#file.writeNow !== undefined) {
      written = this.#file.writeNow(record, this.#end);
    }
    await writeFully(this.#file, record.subarray(written), this.#end + written);
    const endedAt = performance.now();
    pace.took(endedAt - startedAt, endedAt);
  }

  #encode(body: Body): Uint8Array {
    const bytes = this.#bytesOf(body.byteLength);
    const isLarge = bytes > this.#buffer.byteLength;
    const record = isLarge ? new Uint8Array(bytes) : this.#buffer.subarray(0, bytes);
    const cipher = this.#cipher;
    const seal = cipher === undefined ? undefined : { cipher, piece: this.#piece };
    this.#piece += 1;
    const place = { salt: this.#salt, offset: this.#end, durable: this.#durable, seal };
    writeRecord(record, body, place);
    return record;
  }

  #bytesOf(bodyBytes: number): number {
    return storedBytes(bodyBytes, this.#cipher);
  }

  get #markBytes(): number {
    return this.#bytesOf(MARK_BODY.byteLength);
  }
}

/** Bytes of a record on disk with a plain body of that size. */
export function storedBytes(bodyBytes: number, cipher: FileCipher | undefined): number {
  return recordBytes(bodyBytes + (cipher === undefined ? 0 : SEAL_BYTES));
}

/** Fills `record` with one record, whatever it held. */
export function writeRecord(record: Uint8Array, body: Body, place: RecordPlace): void {
  const { byteLength } = body;
  const end = body.write(record, RECORD_HEADER_BYTES);
  assert(end === RECORD_HEADER_BYTES + byteLength, "a body must take the bytes that were counted");
  record.fill(0, end);
  sealRecord(record, byteLength, place);
}
