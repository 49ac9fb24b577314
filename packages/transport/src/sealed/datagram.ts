import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { assert } from "../internal/assert.ts";
import { deriveDatagramKey } from "./key-schedule.ts";
import type { KeySet } from "./keys.ts";
import {
  DATAGRAM_COUNTER_BYTES,
  DATAGRAM_SALT_BYTES,
  DATAGRAM_SENDERS_MAX,
  REKEY_DATAGRAMS,
  TAG_BYTES,
} from "./limits.ts";

const VERSION = 1;
const NONCE_BYTES = 12;

interface SenderKey {
  readonly secret: KeyObject;
  readonly key: KeyObject;
}

/** This socket as a sender: all before the counter, and how many datagrams it has sealed under the key. */
interface OwnSender extends SenderKey {
  readonly head: Uint8Array;
  count: number;
}

/**
 * Seals datagrams for one socket:
 *
 * ```text
 * version 1 | length, key id | salt (16) | counter (8) | ciphertext | tag (16)
 * ```
 *
 * Each socket encrypts under a key of its own, derived with its random salt, and counts; so nonces never repeat, however
 * many nodes share the pre-shared key. All before the ciphertext is authenticated with it.
 */
export class DatagramSealer {
  #sender: OwnSender | undefined;

  seal(keys: KeySet, data: Uint8Array): Uint8Array {
    const secret = keys.byId.get(keys.datagramId);
    assert(secret !== undefined, "a set of keys has the one that seals datagrams");
    if (this.#sender?.secret !== secret || this.#sender.count >= REKEY_DATAGRAMS) {
      this.#sender = newSender(keys.datagramId, secret);
    }
    const sender = this.#sender;
    const counter = Buffer.alloc(DATAGRAM_COUNTER_BYTES);
    counter.writeUIntBE(sender.count, 2, 6);
    sender.count += 1;
    const head = Buffer.concat([sender.head, counter]);
    const cipher = createCipheriv("aes-256-gcm", sender.key, nonceOf(counter), {
      authTagLength: TAG_BYTES,
    });
    cipher.setAAD(head);
    const body = cipher.update(data);
    return Buffer.concat([head, body, cipher.final(), cipher.getAuthTag()]);
  }
}

function newSender(keyId: string, secret: KeyObject): OwnSender {
  const salt = randomBytes(DATAGRAM_SALT_BYTES);
  const id = Buffer.from(keyId, "latin1");
  const head = Buffer.concat([Uint8Array.of(VERSION, id.length), id, salt]);
  return { secret, key: deriveDatagramKey(secret, salt), head, count: 0 };
}

/** Opens datagrams of any sender; remembers the keys of senders that have proved genuine. */
export class DatagramOpener {
  readonly #senders = new Map<string, SenderKey>();

  /** Nothing if the datagram was not sealed under an accepted key, or was changed since. */
  open(keys: KeySet, datagram: Uint8Array): Uint8Array | undefined {
    const parsed = parse(datagram);
    if (parsed === undefined || !keys.acceptDatagramIds.has(parsed.keyId)) return undefined;
    const secret = keys.byId.get(parsed.keyId);
    if (secret === undefined) return undefined;
    const name = Buffer.from(parsed.salt).toString("latin1");
    const known = this.#senders.get(name);
    const sender =
      known?.secret === secret ? known : { secret, key: deriveDatagramKey(secret, parsed.salt) };
    const data = decrypt(sender.key, datagram, parsed);
    if (data !== undefined) this.#remember(name, sender);
    return data;
  }

  #remember(name: string, sender: SenderKey): void {
    // Set again, it is the youngest in the map's order; the oldest goes.
    this.#senders.delete(name);
    this.#senders.set(name, sender);
    if (this.#senders.size <= DATAGRAM_SENDERS_MAX) return;
    for (const oldest of this.#senders.keys()) {
      this.#senders.delete(oldest);
      return;
    }
  }
}

interface Parsed {
  readonly keyId: string;
  readonly salt: Uint8Array;
  readonly counter: Uint8Array;
  readonly headBytes: number;
}

function parse(datagram: Uint8Array): Parsed | undefined {
  const idBytes = datagram[1];
  if (datagram[0] !== VERSION || idBytes === undefined) return undefined;
  const saltAt = 2 + idBytes;
  const counterAt = saltAt + DATAGRAM_SALT_BYTES;
  const headBytes = counterAt + DATAGRAM_COUNTER_BYTES;
  if (datagram.length < headBytes + TAG_BYTES) return undefined;
  return {
    keyId: Buffer.from(datagram.subarray(2, saltAt)).toString("latin1"),
    salt: datagram.subarray(saltAt, counterAt),
    counter: datagram.subarray(counterAt, headBytes),
    headBytes,
  };
}

function decrypt(key: KeyObject, datagram: Uint8Array, parsed: Parsed): Uint8Array | undefined {
  const tagAt = datagram.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", key, nonceOf(parsed.counter), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(datagram.subarray(0, parsed.headBytes));
  decipher.setAuthTag(datagram.subarray(tagAt));
  const data = decipher.update(datagram.subarray(parsed.headBytes, tagAt));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return data;
}

function nonceOf(counter: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  nonce.set(counter, NONCE_BYTES - DATAGRAM_COUNTER_BYTES);
  return nonce;
}
