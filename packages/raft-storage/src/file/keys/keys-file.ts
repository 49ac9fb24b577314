import type { WrappedKey } from "./provider.ts";
import { crc32 } from "node:zlib";
import { KEY_ID_BYTES_MAX, KEYS_MAX, WRAPPED_KEY_BYTES_MAX } from "../../limits.ts";
import { viewOf } from "../segment/format.ts";

/**
 * The data keys of a store, each sealed by its provider. All numbers are little endian. Replaced as a whole, by renaming.
 *
 * ```
 *  0  magic "WAGGKEYS"
 *  8  u32 version, 1
 * 12  u32 count of keys
 * 16  per key: u32 id, u16 bytes of the wrapping key's id, u16 bytes of the sealed key, then both
 *  …  u32 crc32 of all before
 * ```
 */
export interface StoredKey {
  /** From 1 upwards; the highest is the present one. */
  readonly id: number;
  readonly wrapped: WrappedKey;
}

const MAGIC = "WAGGKEYS";
const VERSION = 1;
const HEAD_BYTES = 16;
const KEY_HEAD_BYTES = 8;
const CRC_BYTES = 4;

/** Most bytes of the file. */
export const KEYS_FILE_BYTES_MAX: number =
  HEAD_BYTES + KEYS_MAX * (KEY_HEAD_BYTES + KEY_ID_BYTES_MAX + WRAPPED_KEY_BYTES_MAX) + CRC_BYTES;

export function encodeKeys(keys: readonly StoredKey[]): Uint8Array {
  const parts = keys.map(({ id, wrapped }) => {
    const name = Buffer.from(wrapped.keyId, "utf8");
    const head = Buffer.alloc(KEY_HEAD_BYTES);
    head.writeUInt32LE(id, 0);
    head.writeUInt16LE(name.byteLength, 4);
    head.writeUInt16LE(wrapped.bytes.byteLength, 6);
    return Buffer.concat([head, name, wrapped.bytes]);
  });
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(MAGIC, "latin1");
  head.writeUInt32LE(VERSION, 8);
  head.writeUInt32LE(keys.length, 12);
  const crc = Buffer.alloc(CRC_BYTES);
  const body = Buffer.concat([head, ...parts]);
  crc.writeUInt32LE(crc32(body), 0);
  return new Uint8Array(Buffer.concat([body, crc]));
}

/** The keys, or in words why there are none. */
export function decodeKeys(bytes: Uint8Array): readonly StoredKey[] | string {
  const end = bytes.byteLength - CRC_BYTES;
  if (end < HEAD_BYTES) return "the file is shorter than its header";
  const view = viewOf(bytes);
  if (view.getUint32(end, true) !== crc32(bytes.subarray(0, end))) return "the checksum differs";
  if (Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== MAGIC) return "not a file of keys";
  const version = view.getUint32(8, true);
  if (version !== VERSION) return `version ${version} is not known here`;
  const count = view.getUint32(12, true);
  const keys: StoredKey[] = [];
  let at = HEAD_BYTES;
  for (let read = 0; read < count; read += 1) {
    if (at + KEY_HEAD_BYTES > end) return "a key is cut off";
    const id = view.getUint32(at, true);
    const wrappedAt = at + KEY_HEAD_BYTES + view.getUint16(at + 4, true);
    const next = wrappedAt + view.getUint16(at + 6, true);
    if (next > end) return "a key is cut off";
    const keyId = Buffer.from(bytes.subarray(at + KEY_HEAD_BYTES, wrappedAt)).toString("utf8");
    keys.push({ id, wrapped: { keyId, bytes: bytes.slice(wrappedAt, next) } });
    at = next;
  }
  return at === end ? keys : "something follows the keys";
}
