import type { SnapshotMetadata } from "@waggle/raft-core";
import { crc32 } from "node:zlib";
import { getU64, setU64, viewOf } from "../segment/format.ts";
import { metadataBytes, readMetadata, writeMetadata } from "../segment/items.ts";

/**
 * A snapshot's file. All numbers are little endian.
 *
 * ```
 *  0  magic "WAGGSNAP"
 *  8  u32 version, 2
 * 12  u32 bytes of the metadata
 * 16  u64 bytes of the data
 * 24  u32 crc32 of the data
 * 28  u32 crc32 of bytes 0..28, 32..40 and the metadata
 * 32  u64 milliseconds since 1970 when it was written
 * 40  metadata (see segment/items.ts)
 *  …  data
 * ```
 */
export const SNAPSHOT_HEAD_BYTES = 40;
/** Most bytes of metadata that is read back: four full lists. */
export const SNAPSHOT_METADATA_BYTES_MAX = 262_144;

const MAGIC = "WAGGSNAP";
const VERSION = 2;

/** What stands in front of the data. */
export interface SnapshotHead {
  readonly metadata: SnapshotMetadata;
  readonly dataBytes: number;
  readonly dataCrc: number;
  readonly dataOffset: number;
  readonly takenAtMs: number;
}

/** Where the data of a snapshot with that metadata begins. */
export function dataOffsetOf(metadata: SnapshotMetadata): number {
  return SNAPSHOT_HEAD_BYTES + metadataBytes(metadata);
}

export function encodeSnapshotHead(
  metadata: SnapshotMetadata,
  data: { readonly byteLength: number; readonly crc: number; readonly takenAtMs: number },
): Uint8Array {
  const bytes = new Uint8Array(dataOffsetOf(metadata));
  const view = viewOf(bytes);
  for (let at = 0; at < MAGIC.length; at += 1) bytes[at] = MAGIC.charCodeAt(at);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, bytes.byteLength - SNAPSHOT_HEAD_BYTES, true);
  setU64(view, 16, data.byteLength);
  view.setUint32(24, data.crc, true);
  setU64(view, 32, data.takenAtMs);
  writeMetadata(bytes, SNAPSHOT_HEAD_BYTES, metadata);
  view.setUint32(28, headCrc(bytes), true);
  return bytes;
}

/** The head at the front of these bytes, or in words why there is none. */
export function decodeSnapshotHead(front: Uint8Array): SnapshotHead | string {
  if (front.byteLength < SNAPSHOT_HEAD_BYTES) return "the file is shorter than its header";
  const view = viewOf(front);
  for (let at = 0; at < MAGIC.length; at += 1) {
    if (front[at] !== MAGIC.charCodeAt(at)) return "the file does not begin with the magic bytes";
  }
  const version = view.getUint32(8, true);
  if (version !== VERSION) return `version ${version} is not known here`;
  const dataOffset = SNAPSHOT_HEAD_BYTES + view.getUint32(12, true);
  if (dataOffset > front.byteLength) return "the metadata is cut off";
  const head = front.subarray(0, dataOffset);
  if (view.getUint32(28, true) !== headCrc(head)) return "header checksum differs";
  const metadata = readMetadata(head.subarray(SNAPSHOT_HEAD_BYTES));
  const dataBytes = getU64(view, 16);
  const takenAtMs = getU64(view, 32);
  if (metadata === undefined || dataBytes === undefined || takenAtMs === undefined) {
    return "the metadata is malformed";
  }
  return { metadata, dataBytes, dataCrc: view.getUint32(24, true), dataOffset, takenAtMs };
}

function headCrc(head: Uint8Array): number {
  return crc32(head.subarray(32), crc32(head.subarray(0, 28)));
}
