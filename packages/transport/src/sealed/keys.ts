import { createSecretKey, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { TransportError } from "../errors.ts";
import { KEY_ID_BYTES_MAX } from "../limits.ts";
import { KEYS_MAX, SECRET_BYTES } from "./limits.ts";

/** A secret that both sides hold, and the name by which they speak of it. */
export interface PreSharedKey {
  /** 1 to 16 characters of ASCII letters, digits, `.`, `_`, `-`. It travels in the clear. */
  readonly id: string;
  /** 32 bytes from a good random generator or a key derivation; never a password. Copied. */
  readonly secret: Uint8Array;
}

/** Which keys a transport holds and what each is good for. */
export interface SealedKeys {
  /** At least one; the first is the one that `dial` proves by default. */
  readonly keys: readonly PreSharedKey[];
  /** Keys that a dialer may prove to this side's listeners. Default: all. */
  readonly acceptKeyIds?: readonly string[];
  /** Key that seals outgoing datagrams. Default: the first. */
  readonly datagramKeyId?: string;
  /**
   * Keys under which datagrams are accepted. Default: `datagramKeyId` only, so that a key meant for streams, such as a
   * join key, opens no way into the datagrams. A rotation accepts the old and the new one for a while.
   */
  readonly acceptDatagramKeyIds?: readonly string[];
}

/** A checked {@link SealedKeys}, the secrets as key objects. */
export interface KeySet {
  readonly defaultId: string;
  readonly byId: ReadonlyMap<string, KeyObject>;
  readonly acceptIds: ReadonlySet<string>;
  readonly datagramId: string;
  readonly acceptDatagramIds: ReadonlySet<string>;
  /** Stands in for a key that is not held, so that the answer to an unknown id looks like any other. */
  readonly decoy: KeyObject;
}

const idPattern = /^[A-Za-z0-9._-]+$/;

/** Checks the keys together. @throws TransportError `invalid-argument`; no secret is in its message. */
export function resolveKeys(options: SealedKeys): KeySet {
  const { keys } = options;
  const first = keys[0];
  if (first === undefined || keys.length > KEYS_MAX) {
    throw invalid(`there must be 1 to ${KEYS_MAX} keys, not ${keys.length}`);
  }
  const byId = new Map<string, KeyObject>();
  for (const { id, secret } of keys) {
    if (!idPattern.test(id) || id.length > KEY_ID_BYTES_MAX) {
      throw invalid(`a key id has 1 to ${KEY_ID_BYTES_MAX} ASCII letters, digits, ".", "_" or "-"`);
    }
    if (secret.length !== SECRET_BYTES) throw invalid(`key ${id} must have ${SECRET_BYTES} bytes`);
    if (byId.has(id)) throw invalid(`key ${id} is given twice`);
    byId.set(id, createSecretKey(secret));
  }
  const datagramId = options.datagramKeyId ?? first.id;
  const acceptIds = new Set(options.acceptKeyIds ?? byId.keys());
  const acceptDatagramIds = new Set(options.acceptDatagramKeyIds ?? [datagramId]);
  for (const id of [datagramId, ...acceptIds, ...acceptDatagramIds]) {
    if (!byId.has(id)) throw invalid(`key ${id} is named but not given`);
  }
  const decoy = createSecretKey(randomBytes(SECRET_BYTES));
  return { defaultId: first.id, byId, acceptIds, datagramId, acceptDatagramIds, decoy };
}

function invalid(message: string): TransportError {
  return new TransportError("invalid-argument", message);
}
