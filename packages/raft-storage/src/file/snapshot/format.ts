import type { SnapshotMetadata } from "@waggle/raft-core";
import type { FileCipher } from "../keys/cipher.ts";
import type { FileKey, KeyRing } from "../keys/key-ring.ts";
import { crc32 } from "node:zlib";
import { SNAPSHOT_PIECE_BYTES } from "../../limits.ts";
import { SEAL_BYTES } from "../keys/cipher.ts";
import { wrongKey } from "../keys/key-ring.ts";
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
 * 24  u32 crc32 of the data as stored
 * 28  u32 crc32 of bytes 0..28, 32..64 and the metadata
 * 32  u64 milliseconds since 1970 when it was written
 * 40  u32 id of the data key; 0 when plain
 * 44  u32 bytes of one sealed piece before it is sealed; 0 when plain
 * 48  16 bytes salt of the key; 0 when plain
 * 64  metadata (see segment/items.ts)
 *  …  data
 * ```
 *
 * Sealed data is a row of pieces, each full but the last, and each 16 bytes longer for being sealed. Their numbers fix their
 * order, the last one's kind that it is the last, and their key what the file is a snapshot of.
 */
export const SNAPSHOT_HEAD_BYTES = 64;
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
  /** Undefined when the data is plain. */
  readonly seal: SnapshotSeal | undefined;
}

/** How a snapshot's data is sealed. */
export interface SnapshotSeal {
  readonly key: FileKey;
  readonly pieceBytes: number;
}

/** Bytes of the data as stored. */
export function storedDataBytes(dataBytes: number, seal: SnapshotSeal | undefined): number {
  return seal === undefined ? dataBytes : dataBytes + SEAL_BYTES * piecesOf(dataBytes, seal);
}

/** How many pieces there are: at least one. */
export function piecesOf(dataBytes: number, { pieceBytes }: SnapshotSeal): number {
  return Math.max(1, Math.ceil(dataBytes / pieceBytes));
}

/** What seals a snapshot's pieces. @throws RaftStoreError `wrong-key`. */
export function snapshotCipher(
  keys: KeyRing | undefined,
  file: string,
  { metadata, seal }: { readonly metadata: SnapshotMetadata; readonly seal: SnapshotSeal },
): FileCipher {
  if (keys === undefined) throw wrongKey(file, "the snapshot is encrypted, and no key was given");
  const bound = new Uint8Array(MAGIC.length + 4 + metadataBytes(metadata));
  for (let at = 0; at < MAGIC.length; at += 1) bound[at] = MAGIC.charCodeAt(at);
  viewOf(bound).setUint32(MAGIC.length, seal.pieceBytes, true);
  writeMetadata(bound, MAGIC.length + 4, metadata);
  return keys.cipher(file, seal.key, bound);
}

/** Where the data of a snapshot with that metadata begins. */
export function dataOffsetOf(metadata: SnapshotMetadata): number {
  return SNAPSHOT_HEAD_BYTES + metadataBytes(metadata);
}

export function encodeSnapshotHead(
  metadata: SnapshotMetadata,
  data: Pick<SnapshotHead, "dataBytes" | "dataCrc" | "takenAtMs" | "seal">,
): Uint8Array {
  const bytes = new Uint8Array(dataOffsetOf(metadata));
  const view = viewOf(bytes);
  for (let at = 0; at < MAGIC.length; at += 1) bytes[at] = MAGIC.charCodeAt(at);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, bytes.byteLength - SNAPSHOT_HEAD_BYTES, true);
  setU64(view, 16, data.dataBytes);
  view.setUint32(24, data.dataCrc, true);
  setU64(view, 32, data.takenAtMs);
  if (data.seal !== undefined) {
    view.setUint32(40, data.seal.key.id, true);
    view.setUint32(44, data.seal.pieceBytes, true);
    bytes.set(data.seal.key.salt, 48);
  }
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
  const dataCrc = view.getUint32(24, true);
  const pieceBytes = view.getUint32(44, true);
  if (pieceBytes > SNAPSHOT_PIECE_BYTES) return `a sealed piece of ${pieceBytes} bytes`;
  const key = { id: view.getUint32(40, true), salt: front.slice(48, SNAPSHOT_HEAD_BYTES) };
  const seal = pieceBytes === 0 ? undefined : { key, pieceBytes };
  return { metadata, dataBytes, dataCrc, dataOffset, takenAtMs, seal };
}

function headCrc(head: Uint8Array): number {
  return crc32(head.subarray(32), crc32(head.subarray(0, 28)));
}
