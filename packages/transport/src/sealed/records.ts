import { createCipheriv, createDecipheriv } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { deriveNextKey } from "./key-schedule.ts";
import { BATCH_BYTES_MAX, REKEY_BYTES, REKEY_RECORDS, TAG_BYTES } from "./limits.ts";

/** Kinds of records; authenticated, though in the clear. */
export const RecordKind = {
  /** Frames, each with its length. */
  frames: 0,
  /** The sender closes in good order; its last record. */
  goodbye: 1,
  /** The listener's first record: the dialer is accepted. */
  ready: 2,
} as const;

/** One of {@link RecordKind}. */
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind];

/** When a direction moves on to its next key; both sides must count alike. */
export interface RekeyLimits {
  readonly records: number;
  readonly bytes: number;
}

const defaultRekey: RekeyLimits = { records: REKEY_RECORDS, bytes: REKEY_BYTES };

/**
 * One direction's key and its place in it. A record is `kind | ciphertext | tag`, under the nonce of its number, so that
 * a record that is lost, doubled, moved or changed fails to open.
 */
class RecordKeys {
  #key: KeyObject;
  readonly #rekey: RekeyLimits;
  #records = 0;
  #bytes = 0;

  constructor(key: KeyObject, rekey: RekeyLimits) {
    this.#key = key;
    this.#rekey = rekey;
  }

  /** The key and nonce of the next record. */
  next(bytes: number): { readonly key: KeyObject; readonly nonce: Uint8Array } {
    if (this.#records >= this.#rekey.records || this.#bytes >= this.#rekey.bytes) {
      this.#key = deriveNextKey(this.#key);
      this.#records = 0;
      this.#bytes = 0;
    }
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(this.#records, 6, 6);
    this.#records += 1;
    this.#bytes += bytes;
    return { key: this.#key, nonce };
  }
}

/** Seals the records of one direction, in order. */
export class RecordSealer {
  readonly #keys: RecordKeys;

  constructor(key: KeyObject, rekey: RekeyLimits = defaultRekey) {
    this.#keys = new RecordKeys(key, rekey);
  }

  seal(kind: RecordKind, plaintext: Uint8Array): Uint8Array {
    const { key, nonce } = this.#keys.next(plaintext.length);
    const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    const head = Uint8Array.of(kind);
    cipher.setAAD(head);
    const body = cipher.update(plaintext);
    const rest = cipher.final();
    return Buffer.concat([head, body, rest, cipher.getAuthTag()]);
  }
}

/** Opens the records of one direction, in order. */
export class RecordOpener {
  readonly #keys: RecordKeys;

  constructor(key: KeyObject, rekey: RekeyLimits = defaultRekey) {
    this.#keys = new RecordKeys(key, rekey);
  }

  /** Nothing if this is not the next record as it was sealed; then none after it can be trusted either. */
  open(record: Uint8Array): { readonly kind: number; readonly plaintext: Uint8Array } | undefined {
    const kind = record[0];
    const bodyBytes = record.length - 1 - TAG_BYTES;
    if (kind === undefined || bodyBytes < 0) return undefined;
    const { key, nonce } = this.#keys.next(bodyBytes);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(record.subarray(0, 1));
    decipher.setAuthTag(record.subarray(record.length - TAG_BYTES));
    const plaintext = decipher.update(record.subarray(1, record.length - TAG_BYTES));
    try {
      decipher.final();
    } catch {
      return undefined;
    }
    return { kind, plaintext };
  }
}

/** Joins frames to the plaintext of one record: each with its length, u32 big endian, in front. */
export function packFrames(frames: readonly Uint8Array[]): Uint8Array {
  const total = frames.reduce((sum, frame) => sum + 4 + frame.length, 0);
  const bytes = Buffer.allocUnsafe(total);
  let at = 0;
  for (const frame of frames) {
    bytes.writeUInt32BE(frame.length, at);
    bytes.set(frame, at + 4);
    at += 4 + frame.length;
  }
  return bytes;
}

/**
 * The frames of a record as views of it, or nothing if the lengths do not add up, or if it joins more than senders do: a
 * record of 16 MiB could hold four million empty frames, and each costs more here than its four bytes.
 */
export function unpackFrames(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    if (at > 0 && bytes.length > BATCH_BYTES_MAX) return undefined;
    frames.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return frames;
}
