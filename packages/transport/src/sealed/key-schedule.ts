import { createHash, createHmac, createSecretKey, hkdfSync } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { SECRET_BYTES } from "./limits.ts";

/** What both sides derive from the key and everything said in the handshake. */
export interface SessionKeys {
  /** What the listener shows to prove that it holds the key. */
  readonly listenerProof: Uint8Array;
  /** What the dialer shows. */
  readonly dialerProof: Uint8Array;
  readonly dialerToListener: KeyObject;
  readonly listenerToDialer: KeyObject;
}

/**
 * HKDF-SHA-256 of the pre-shared key, salted with the hash of the whole hello (nonce, key id, protocol) and the
 * listener's nonce: another hello, nonce or key gives other keys throughout.
 */
export function deriveSessionKeys(
  secret: KeyObject,
  hello: Uint8Array,
  listenerNonce: Uint8Array,
): SessionKeys {
  const transcript = createHash("sha256").update(hello).update(listenerNonce).digest();
  const [listenerMac, dialerMac, dialerToListener, listenerToDialer] = split(
    hkdfSync("sha256", secret, transcript, "waggle sealed/1 stream", 4 * SECRET_BYTES),
  );
  return {
    listenerProof: createHmac("sha256", listenerMac).update(transcript).digest(),
    dialerProof: createHmac("sha256", dialerMac).update(transcript).digest(),
    dialerToListener,
    listenerToDialer,
  };
}

/** The key that follows a direction's key; there is no way back. */
export function deriveNextKey(key: KeyObject): KeyObject {
  return derive(key, new Uint8Array(0), "waggle sealed/1 rekey");
}

/** The key of one sender of datagrams. */
export function deriveDatagramKey(secret: KeyObject, salt: Uint8Array): KeyObject {
  return derive(secret, salt, "waggle sealed/1 datagram");
}

function derive(key: KeyObject, salt: Uint8Array, info: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync("sha256", key, salt, info, SECRET_BYTES)));
}

function split(bytes: ArrayBuffer): [KeyObject, KeyObject, KeyObject, KeyObject] {
  const part = (at: number): KeyObject =>
    createSecretKey(Buffer.from(bytes, at * SECRET_BYTES, SECRET_BYTES));
  return [part(0), part(1), part(2), part(3)];
}
