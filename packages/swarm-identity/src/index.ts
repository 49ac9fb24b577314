/**
 * The secrets of a swarm: its own, the keys derived from it, join tokens and ids.
 * @packageDocumentation
 */
export type { IdentityErrorCode } from "./errors.ts";
export type { RandomBytes } from "./ids.ts";
export type { JoinToken } from "./join-token.ts";
export type { KeyPurpose } from "./secret.ts";
export { IdentityError, isIdentityError } from "./errors.ts";
export { createObjectId, createRaftId } from "./ids.ts";
export {
  createJoinSecret,
  equalJoinSecrets,
  formatJoinToken,
  joinKey,
  parseJoinToken,
} from "./join-token.ts";
export {
  FINGERPRINT_DIGITS,
  JOIN_SECRET_DIGITS,
  OBJECT_ID_DIGITS,
  PURPOSE_LENGTH_MAX,
  SECRET_BYTES,
  TOKEN_LENGTH_MAX,
} from "./limits.ts";
export { createSwarmSecret, deriveKey, equalSecrets, swarmFingerprint } from "./secret.ts";
