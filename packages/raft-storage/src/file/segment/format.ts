import type { FileCipher } from "../keys/cipher.ts";
import type { FileKey } from "../keys/key-ring.ts";
import { crc32 } from "node:zlib";
import { SEAL_BYTES } from "../keys/cipher.ts";

/**
 * The log on disk. A segment is a file of fixed size, written with zeros when it is made, so that an append changes no
 * file system metadata. All numbers are little endian.
 *
 * ```
 * segment header, 64 bytes                        record, a multiple of 8 bytes
 *  0  magic "WAGGLWAL"                             0  u32 bytes of the body, without padding
 *  8  u32 version, 1; 2 when sealed                4  u32 crc32 of: salt, own offset (u64), this header
 * 12  u32 flags: bit 0 = the log before is void          without the crc, body
 * 16  u64 sequence, one more than the one before   8  u32 type, 1 = items
 * 24  8 bytes salt, random                        12  u32 number of the sealed piece; 0 when plain
 * 32  u64 where the previous segment's records    16  u64 durable: all before this offset was synced
 *         end; 0 in the first one                        when the record was written
 * 40  u32 id of the data key; 0 when plain         24  body: items (see items.ts), zero padding to 8
 * 44  16 bytes salt of the key; 0 when plain
 * 60  u32 crc32 of bytes 0..60
 * ```
 *
 * One record is one group commit and holds whole batches only; its checksum makes it all or nothing. Because the checksum
 * covers salt and offset, a record is valid in its place only: neither left-over bytes nor an entry that happens to hold a
 * copy of a log are taken for one. `durable` tells a torn tail from damage: a bad record at offset X is a torn write
 * unless some later record says that X had been synced.
 *
 * A sealed body is the items sealed as one piece (see keys/cipher.ts), to which its offset and its header are bound. The
 * checksum stands over what is sealed: damage is found, and told from a torn tail, without any key.
 */
export const SEGMENT_HEADER_BYTES = 64;
/** Bytes before a record's body. */
export const RECORD_HEADER_BYTES = 24;
/** The only record type of version 1. */
export const RECORD_ITEMS = 1;

const MAGIC = "WAGGLWAL";
const VERSION_PLAIN = 1;
const VERSION_SEALED = 2;
const FLAG_RESET = 1;

/** What a segment says about itself. */
export interface SegmentHeader {
  readonly sequence: number;
  /** Whether all segments before this one are void. */
  readonly reset: boolean;
  readonly salt: Uint8Array;
  readonly previousEnd: number;
  /** Undefined when its records are plain. */
  readonly key: FileKey | undefined;
}

/** A record's place and contents, as found valid. */
export interface RecordView {
  readonly body: Uint8Array;
  readonly durable: number;
  /** Number of the sealed piece. */
  readonly piece: number;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** Offset after the record and its padding. */
  readonly end: number;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(bytes);
  for (let at = 0; at < MAGIC.length; at += 1) bytes[at] = MAGIC.charCodeAt(at);
  view.setUint32(8, header.key === undefined ? VERSION_PLAIN : VERSION_SEALED, true);
  view.setUint32(12, header.reset ? FLAG_RESET : 0, true);
  setU64(view, 16, header.sequence);
  bytes.set(header.salt, 24);
  setU64(view, 32, header.previousEnd);
  if (header.key !== undefined) {
    view.setUint32(40, header.key.id, true);
    bytes.set(header.key.salt, 44);
  }
  view.setUint32(60, crc32(bytes.subarray(0, 60)), true);
  return bytes;
}

/** The header, or in words why it is none. */
export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader | string {
  if (bytes.byteLength < SEGMENT_HEADER_BYTES) return "the file is shorter than its header";
  const view = viewOf(bytes);
  for (let at = 0; at < MAGIC.length; at += 1) {
    if (bytes[at] !== MAGIC.charCodeAt(at)) return "the file does not begin with the magic bytes";
  }
  if (view.getUint32(60, true) !== crc32(bytes.subarray(0, 60))) return "header checksum differs";
  const version = view.getUint32(8, true);
  if (version !== VERSION_PLAIN && version !== VERSION_SEALED) {
    return `version ${version} is not known here`;
  }
  const sequence = getU64(view, 16);
  const previousEnd = getU64(view, 32);
  if (sequence === undefined || previousEnd === undefined) return "a number is out of range";
  const reset = (view.getUint32(12, true) & FLAG_RESET) !== 0;
  const key =
    version === VERSION_SEALED
      ? { id: view.getUint32(40, true), salt: bytes.slice(44, 60) }
      : undefined;
  return { sequence, reset, salt: bytes.slice(24, 32), previousEnd, key };
}

/** Bytes of a record on disk with a body of that size. */
export function recordBytes(bodyBytes: number): number {
  return RECORD_HEADER_BYTES + padded(bodyBytes);
}

/** Where a record goes, and how it is sealed. */
export interface RecordPlace {
  readonly salt: Uint8Array;
  readonly offset: number;
  readonly durable: number;
  /** Undefined when it stays plain. */
  readonly seal: { readonly cipher: FileCipher; readonly piece: number } | undefined;
}

/** Seals, if asked to, and fills in the header of a record whose plain body already stands after the header's room. */
export function sealRecord(record: Uint8Array, plainBytes: number, place: RecordPlace): void {
  const { seal, offset, durable } = place;
  const bodyBytes = plainBytes + (seal === undefined ? 0 : SEAL_BYTES);
  const view = viewOf(record);
  view.setUint32(0, bodyBytes, true);
  view.setUint32(8, RECORD_ITEMS, true);
  view.setUint32(12, seal?.piece ?? 0, true);
  setU64(view, 16, durable);
  if (seal !== undefined) {
    const plain = record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + plainBytes);
    const piece = { kind: 0, counter: seal.piece } as const;
    record.set(seal.cipher.seal(piece, boundTo(record, offset), plain), RECORD_HEADER_BYTES);
  }
  view.setUint32(4, checksum(record, bodyBytes, place), true);
}

/** What is bound to a sealed body: its offset, and its header without the checksum. */
export function boundTo(record: Uint8Array, offset: number): Uint8Array {
  const bound = new Uint8Array(8 + RECORD_HEADER_BYTES - 4);
  setU64(viewOf(bound), 0, offset);
  bound.set(record.subarray(0, 4), 8);
  bound.set(record.subarray(8, RECORD_HEADER_BYTES), 12);
  return bound;
}

/** The record at an offset of a segment's bytes, or undefined when there is no valid one. */
export function recordAt(
  segment: Uint8Array,
  offset: number,
  salt: Uint8Array,
): RecordView | undefined {
  if (offset + RECORD_HEADER_BYTES > segment.byteLength) return undefined;
  const view = viewOf(segment);
  const bodyBytes = view.getUint32(offset, true);
  if (bodyBytes === 0 || view.getUint32(offset + 8, true) !== RECORD_ITEMS) return undefined;
  const durable = getU64(view, offset + 16);
  const end = offset + recordBytes(bodyBytes);
  if (durable === undefined || durable > offset || end > segment.byteLength) return undefined;
  const record = segment.subarray(offset, end);
  if (view.getUint32(offset + 4, true) !== checksum(record, bodyBytes, { salt, offset })) {
    return undefined;
  }
  return {
    body: record.subarray(RECORD_HEADER_BYTES, RECORD_HEADER_BYTES + bodyBytes),
    durable,
    piece: view.getUint32(offset + 12, true),
    bytes: record,
    end,
  };
}

/** Whether a record after a bad one proves that the bad one had been synced: the place of that proof, if so. */
export function findProofOfDamage(
  segment: Uint8Array,
  bad: number,
  salt: Uint8Array,
): number | undefined {
  const view = viewOf(segment);
  for (let offset = bad + 8; offset + RECORD_HEADER_BYTES <= segment.byteLength; offset += 8) {
    if (view.getUint32(offset + 8, true) !== RECORD_ITEMS) continue;
    const record = recordAt(segment, offset, salt);
    if (record !== undefined && record.durable > bad) return offset;
  }
  return undefined;
}

export function padded(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function checksum(
  record: Uint8Array,
  bodyBytes: number,
  place: { readonly salt: Uint8Array; readonly offset: number },
): number {
  const seed = new Uint8Array(16);
  seed.set(place.salt);
  setU64(viewOf(seed), 8, place.offset);
  const head = crc32(record.subarray(8, RECORD_HEADER_BYTES + bodyBytes), crc32(seed));
  return crc32(record.subarray(0, 4), head);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function setU64(view: DataView, offset: number, value: number): void {
  // Nearly all are small, and a remainder of numbers this large is slow.
  const isSmall = value <= 0xffff_ffff;
  view.setUint32(offset, isSmall ? value : value % 0x1_0000_0000, true);
  view.setUint32(offset + 4, isSmall ? 0 : Math.floor(value / 0x1_0000_0000), true);
}

/** Undefined when the number is not a safe integer. */
export function getU64(view: DataView, offset: number): number | undefined {
  const low = view.getUint32(offset, true);
  const high = view.getUint32(offset + 4, true);
  if (high === 0) return low;
  const value = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : undefined;
}
