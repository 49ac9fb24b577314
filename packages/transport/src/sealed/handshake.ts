import { randomBytes, timingSafeEqual } from "node:crypto";
import { TransportError } from "../errors.ts";
import type { Connection } from "../transport.ts";
import type { SessionKeys } from "./key-schedule.ts";
import { deriveSessionKeys } from "./key-schedule.ts";
import type { KeySet } from "./keys.ts";
import { HANDSHAKE_BYTES_MAX } from "./limits.ts";
import {
  decodeChallenge,
  decodeConfirm,
  decodeHello,
  encodeChallenge,
  encodeConfirm,
  encodeHello,
  NONCE_BYTES,
} from "./messages.ts";
import { RecordKind, RecordOpener, RecordSealer } from "./records.ts";

/** A connection whose sides have proved the key to each other. */
export interface Session {
  readonly protocol: string;
  readonly keyId: string;
  readonly sealer: RecordSealer;
  readonly opener: RecordOpener;
}

/** The inner connection and the one iterator over its frames. */
export interface InnerConnection {
  readonly connection: Connection;
  readonly frames: AsyncIterator<Uint8Array>;
}

/**
 * The dialer's part. The listener proves itself first, so that a stranger who answers learns no proof.
 *
 * ```text
 * dialer                                     listener
 *   ── hello: nonce, key id, protocol ─────────►
 *   ◄──────── challenge: nonce, proof of key ───   (a decoy key if the id is not accepted)
 *   ── confirm: proof of key ──────────────────►
 *   ◄──────────────── ready (first record) ─────
 * ```
 */
export async function authenticateDial(
  inner: InnerConnection,
  options: { readonly keys: KeySet; readonly keyId: string; readonly protocol: string },
): Promise<Session> {
  const { keyId, protocol } = options;
  const secret = options.keys.byId.get(keyId);
  if (secret === undefined) {
    throw new TransportError("invalid-argument", `this side does not hold key ${keyId}`);
  }
  const hello = encodeHello({ nonce: randomBytes(NONCE_BYTES), keyId, protocol });
  await inner.connection.send(hello);
  const challenge = decodeChallenge(await nextMessage(inner));
  if (challenge === undefined) throw unauthenticated(inner);
  const keys = deriveSessionKeys(secret, hello, challenge.nonce);
  if (!timingSafeEqual(challenge.proof, keys.listenerProof)) throw unauthenticated(inner);
  await inner.connection.send(encodeConfirm(keys.dialerProof));
  const session = {
    protocol,
    keyId,
    sealer: new RecordSealer(keys.dialerToListener),
    opener: new RecordOpener(keys.listenerToDialer),
  };
  const ready = session.opener.open(await nextMessage(inner));
  if (ready?.kind !== RecordKind.ready) throw unauthenticated(inner);
  return session;
}

/** The listener's part. An id that is not accepted is answered like any other, and fails where a wrong proof fails. */
export async function authenticateAccept(
  inner: InnerConnection,
  options: { readonly keys: () => KeySet; readonly frameBytesMax: number },
): Promise<Session> {
  const message = await nextMessage(inner);
  const hello = decodeHello(message);
  if (hello === undefined) throw unauthenticated(inner);
  const { byId, acceptIds, decoy } = options.keys();
  const accepted = acceptIds.has(hello.keyId) ? byId.get(hello.keyId) : undefined;
  const nonce = randomBytes(NONCE_BYTES);
  const keys: SessionKeys = deriveSessionKeys(accepted ?? decoy, message, nonce);
  await inner.connection.send(encodeChallenge(nonce, keys.listenerProof));
  const proof = decodeConfirm(await nextMessage(inner));
  const proved = proof !== undefined && timingSafeEqual(proof, keys.dialerProof);
  if (!proved || accepted === undefined) throw unauthenticated(inner);
  const session = {
    protocol: hello.protocol,
    keyId: hello.keyId,
    sealer: new RecordSealer(keys.listenerToDialer),
    opener: new RecordOpener(keys.dialerToListener),
  };
  // The dialer sends nothing before `ready`, so the small limit holds until here and no longer.
  inner.connection.setFrameBytesMax?.(options.frameBytesMax);
  await inner.connection.send(session.sealer.seal(RecordKind.ready, new Uint8Array(0)));
  return session;
}

async function nextMessage(inner: InnerConnection): Promise<Uint8Array> {
  const result = await inner.frames.next();
  if (result.done === true) {
    throw new TransportError("refused", "the other side hung up during the handshake", {
      address: inner.connection.remote,
    });
  }
  if (result.value.length > HANDSHAKE_BYTES_MAX) throw unauthenticated(inner);
  return result.value;
}

function unauthenticated(inner: InnerConnection): TransportError {
  return new TransportError("unauthenticated", "the other side did not prove the key", {
    address: inner.connection.remote,
  });
}
