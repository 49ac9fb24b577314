import { KEY_ID_BYTES_MAX } from "../limits.ts";
import { isProtocolName } from "../protocol-name.ts";

/** Bytes of the nonce that each side draws for one handshake. */
export const NONCE_BYTES = 32;

/** Bytes of a key confirmation. */
export const PROOF_BYTES = 32;

const VERSION = 1;
const HELLO = 1;
const CHALLENGE = 2;
const CONFIRM = 3;

/**
 * First message, dialer to listener:
 * `1 | version | nonce (32) | length, key id | length, protocol name`.
 */
export interface Hello {
  readonly nonce: Uint8Array;
  readonly keyId: string;
  readonly protocol: string;
}

export function encodeHello({ nonce, keyId, protocol }: Hello): Uint8Array {
  return Buffer.concat([
    Uint8Array.of(HELLO, VERSION),
    nonce,
    Uint8Array.of(keyId.length),
    Buffer.from(keyId, "latin1"),
    Uint8Array.of(protocol.length),
    Buffer.from(protocol, "latin1"),
  ]);
}

/** Nothing if the bytes are not exactly one hello. */
export function decodeHello(bytes: Uint8Array): Hello | undefined {
  if (bytes[0] !== HELLO || bytes[1] !== VERSION) return undefined;
  const nonce = bytes.slice(2, 2 + NONCE_BYTES);
  const keyId = readText(bytes, 2 + NONCE_BYTES);
  if (keyId === undefined || keyId.text.length > KEY_ID_BYTES_MAX) return undefined;
  const protocol = readText(bytes, keyId.end);
  if (protocol?.end !== bytes.length || !isProtocolName(protocol.text)) return undefined;
  return { nonce, keyId: keyId.text, protocol: protocol.text };
}

/** Second message, listener to dialer: `2 | nonce (32) | proof (32)`. */
export function encodeChallenge(nonce: Uint8Array, proof: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(CHALLENGE), nonce, proof]);
}

export function decodeChallenge(
  bytes: Uint8Array,
): { readonly nonce: Uint8Array; readonly proof: Uint8Array } | undefined {
  if (bytes[0] !== CHALLENGE || bytes.length !== 1 + NONCE_BYTES + PROOF_BYTES) return undefined;
  return { nonce: bytes.slice(1, 1 + NONCE_BYTES), proof: bytes.slice(1 + NONCE_BYTES) };
}

/** Third message, dialer to listener: `3 | proof (32)`. */
export function encodeConfirm(proof: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(CONFIRM), proof]);
}

/** The proof, or nothing. */
export function decodeConfirm(bytes: Uint8Array): Uint8Array | undefined {
  return bytes[0] === CONFIRM && bytes.length === 1 + PROOF_BYTES ? bytes.slice(1) : undefined;
}

function readText(bytes: Uint8Array, at: number): { text: string; end: number } | undefined {
  const length = bytes[at];
  if (length === undefined) return undefined;
  const end = at + 1 + length;
  if (end > bytes.length) return undefined;
  return { text: Buffer.from(bytes.subarray(at + 1, end)).toString("latin1"), end };
}
