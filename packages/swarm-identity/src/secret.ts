import { hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { IdentityError } from "./errors.ts";
import { toBase36 } from "./internal/base36.ts";
import { FINGERPRINT_DIGITS, PURPOSE_LENGTH_MAX, SECRET_BYTES } from "./limits.ts";

/**
 * What a derived key is for. The three named ones are Waggle's own: `manager` for what managers say to each other,
 * `node` for what any node says to a manager, `gossip` for the gossip network. Others are lower-case letters, digits and
 * dashes, at most 64.
 */
export type KeyPurpose = "manager" | "node" | "gossip" | (string & {});

const purposePattern = /^[a-z0-9-]+$/;

/** Makes the secret of a new swarm: 32 bytes from the system's random generator. Whoever holds it is the swarm. */
export function createSwarmSecret(): Uint8Array {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

/**
 * Derives the key for one purpose: HKDF-SHA-256 of the secret, no salt, info `waggle swarm/1 key <purpose>`. Keys of
 * different purposes tell nothing about each other nor about the secret.
 * @throws IdentityError `bad-secret`.
 */
export function deriveKey(secret: Uint8Array, purpose: KeyPurpose): Uint8Array {
  if (!purposePattern.test(purpose) || purpose.length > PURPOSE_LENGTH_MAX) {
    throw new IdentityError(
      "bad-secret",
      `a purpose has 1 to ${PURPOSE_LENGTH_MAX} lower-case letters, digits or dashes`,
    );
  }
  return derive(secret, `waggle swarm/1 key ${purpose}`);
}

/**
 * The public name of a swarm, 50 digits of base 36: HKDF-SHA-256 of its secret, no salt, info
 * `waggle swarm/1 fingerprint`. It may be shown to anyone.
 * @throws IdentityError `bad-secret`.
 */
export function swarmFingerprint(secret: Uint8Array): string {
  return toBase36(derive(secret, "waggle swarm/1 fingerprint"), FINGERPRINT_DIGITS);
}

/** Whether two secrets are the same; takes the same time wherever they differ. Lengths are no secret. */
export function equalSecrets(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}

function derive(secret: Uint8Array, info: string): Uint8Array {
  if (secret.length !== SECRET_BYTES) {
    throw new IdentityError(
      "bad-secret",
      `the secret of a swarm has ${SECRET_BYTES} bytes, not ${secret.length}`,
    );
  }
  return new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(0), info, SECRET_BYTES));
}
