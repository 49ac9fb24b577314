import type { Item } from "./items.ts";
import type { LogEnd } from "../recovery.ts";
import type { Vfs, VfsFile } from "../vfs/vfs.ts";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { assert } from "../../internal/assert.ts";
import { segmentName, temporaryName } from "../names.ts";
import { writeFully } from "../vfs/vfs.ts";
import {
  encodeSegmentHeader,
  RECORD_HEADER_BYTES,
  recordBytes,
  sealRecord,
  SEGMENT_HEADER_BYTES,
} from "./format.ts";
import { itemBytes, writeItem } from "./items.ts";

const ZERO_CHUNK_BYTES = 1_048_576;

/** The segment that is appended to. */
export class SegmentWriter {
  readonly sequence: number;
  readonly #file: VfsFile;
  readonly #salt: Uint8Array;
  readonly #fileBytes: number;
  #end: number;
  #durable: number;

  constructor(file: VfsFile, end: Omit<LogEnd, "torn">) {
    this.sequence = end.header.sequence;
    this.#file = file;
    this.#salt = end.header.salt;
    this.#fileBytes = end.fileBytes;
    this.#end = end.offset;
    this.#durable = end.offset;
  }

  /** Where the next record goes. */
  get end(): number {
    return this.#end;
  }

  hasRoom(bodyBytes: number): boolean {
    return this.#end + recordBytes(bodyBytes) <= this.#fileBytes;
  }

  /** Writes one record. When that fails the segment is as before, as far as its reader is concerned. */
  async write(items: readonly Item[], bodyBytes: number): Promise<void> {
    assert(this.hasRoom(bodyBytes), "a record must fit into its segment");
    const place = { salt: this.#salt, offset: this.#end, durable: this.#durable };
    const record = encodeRecord(items, bodyBytes, place);
    try {
      await writeFully(this.#file, record, this.#end);
    } catch (error) {
      await writeFully(this.#file, new Uint8Array(RECORD_HEADER_BYTES), this.#end);
      throw error;
    }
    this.#end += record.byteLength;
  }

  /** Makes all records durable. */
  async sync(): Promise<void> {
    if (this.#durable === this.#end) return;
    const end = this.#end;
    await this.#file.sync();
    this.#durable = end;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** What a new segment begins with. */
export interface SegmentPlan {
  readonly sequence: number;
  readonly previousEnd: number;
  readonly reset: boolean;
  readonly segmentBytes: number;
  /** The state as of the segment's start, so that those before it can be deleted. */
  readonly items: readonly Item[];
  /** Bytes of the body that must fit behind the first record. */
  readonly nextBodyBytes: number;
}

/** Writes a whole segment, with zeros and its first record, under a temporary name, and syncs it. */
export async function prepareSegment(
  vfs: Vfs,
  directory: string,
  plan: SegmentPlan,
): Promise<{ readonly file: VfsFile; readonly end: Omit<LogEnd, "torn"> }> {
  const path = join(directory, temporaryName("log", randomUUID()));
  const { sequence, reset, previousEnd } = plan;
  const header = { sequence, reset, previousEnd, salt: new Uint8Array(randomBytes(8)) };
  const bodyBytes = bodyBytesOf(plan.items);
  const place = { salt: header.salt, offset: SEGMENT_HEADER_BYTES, durable: 0 };
  const record = encodeRecord(plan.items, bodyBytes, place);
  const offset = SEGMENT_HEADER_BYTES + record.byteLength;
  const fileBytes = Math.max(plan.segmentBytes, offset + recordBytes(plan.nextBodyBytes));
  const file = await vfs.open(path, "create");
  try {
    await fillWithZeros(file, 0, fileBytes);
    await writeFully(file, encodeSegmentHeader(header), 0);
    await writeFully(file, record, SEGMENT_HEADER_BYTES);
  } catch (error) {
    await file.close().catch(() => undefined);
    await vfs.remove(path).catch(() => undefined);
    throw error;
  }
  return { file, end: { header, fileBytes, offset } };
}

/** Gives a prepared segment its name, durably. From here on it is part of the log. */
export async function publishSegment(
  vfs: Vfs,
  directory: string,
  segment: { readonly file: VfsFile; readonly sequence: number },
): Promise<string> {
  const name = segmentName(segment.sequence);
  await segment.file.sync();
  await vfs.rename(segment.file.path, join(directory, name));
  await vfs.syncDirectory(directory);
  return name;
}

/** Overwrites with zeros from `start` up to `end`. */
export async function fillWithZeros(file: VfsFile, start: number, end: number): Promise<void> {
  const zeros = new Uint8Array(Math.min(ZERO_CHUNK_BYTES, end - start));
  for (let offset = start; offset < end; offset += zeros.byteLength) {
    await writeFully(file, zeros.subarray(0, Math.min(zeros.byteLength, end - offset)), offset);
  }
}

/** Bytes of a body with these items. */
export function bodyBytesOf(items: readonly Item[]): number {
  return items.reduce((sum, item) => sum + itemBytes(item), 0);
}

function encodeRecord(
  items: readonly Item[],
  bodyBytes: number,
  place: { readonly salt: Uint8Array; readonly offset: number; readonly durable: number },
): Uint8Array {
  const record = new Uint8Array(recordBytes(bodyBytes));
  let offset = RECORD_HEADER_BYTES;
  for (const item of items) offset = writeItem(record, offset, item);
  assert(offset === RECORD_HEADER_BYTES + bodyBytes, "items must take the bytes that were counted");
  sealRecord(record, { ...place, bodyBytes });
  return record;
}
