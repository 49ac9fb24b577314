import { hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";
import { IdentityError } from "./errors.ts";
import { toBase36 } from "./internal/base36.ts";
import {
  FINGERPRINT_DIGITS,
  JOIN_SECRET_DIGITS,
  SECRET_BYTES,
  TOKEN_LENGTH_MAX,
} from "./limits.ts";

/** What a join token says. */
export interface JoinToken {
  /** Which swarm: see `swarmFingerprint`. */
  readonly fingerprint: string;
  /** What lets one in: see `createJoinSecret`. */
  readonly secret: string;
}

const PREFIX = "WGTKN";
const VERSION = "1";
const digitsPattern = /^[0-9a-z]+$/;

/** Makes a join secret: 128 random bits as 25 digits of base 36. */
export function createJoinSecret(): string {
  return toBase36(randomBytes(16), JOIN_SECRET_DIGITS);
}

/**
 * Writes a join token: `WGTKN-1-<fingerprint, 50 digits>-<secret, 25 digits>`.
 * @throws IdentityError `bad-token` if a part has not that form.
 */
export function formatJoinToken({ fingerprint, secret }: JoinToken): string {
  checkPart("fingerprint", fingerprint, FINGERPRINT_DIGITS);
  checkPart("secret", secret, JOIN_SECRET_DIGITS);
  return `${PREFIX}-${VERSION}-${fingerprint}-${secret}`;
}

/**
 * Reads a join token; blanks around it are ignored.
 * @throws IdentityError `bad-token` saying what is wrong, for the person who pasted it.
 */
export function parseJoinToken(text: string): JoinToken {
  if (text.length > TOKEN_LENGTH_MAX) {
    throw badToken(`it is longer than ${TOKEN_LENGTH_MAX} characters`);
  }
  const trimmed = text.trim();
  if (trimmed === "") throw badToken("it is empty");
  const [prefix, version, fingerprint, secret, ...more] = trimmed.split("-");
  if (prefix === "SWMTKN")
    throw badToken("it is a token of Docker's own swarm mode, not of Waggle");
  if (prefix !== PREFIX) throw badToken(`it does not begin with ${PREFIX}-`);
  if (version !== VERSION) {
    throw badToken("it is of another version; this program reads version 1");
  }
  if (fingerprint === undefined || secret === undefined) {
    throw badToken("its end is missing; was it copied whole?");
  }
  if (more.length > 0) throw badToken("it has more parts than a token has");
  checkPart("fingerprint", fingerprint, FINGERPRINT_DIGITS);
  checkPart("secret", secret, JOIN_SECRET_DIGITS);
  return { fingerprint, secret };
}

/**
 * The pre-shared key by which a joiner and a manager authenticate each other before the joiner holds the swarm's keys:
 * HKDF-SHA-256 of the join secret's ASCII, no salt, info `waggle swarm/1 join`.
 * @throws IdentityError `bad-secret`.
 */
export function joinKey(secret: string): Uint8Array {
  if (secret.length !== JOIN_SECRET_DIGITS || !digitsPattern.test(secret)) {
    throw new IdentityError(
      "bad-secret",
      `a join secret has ${JOIN_SECRET_DIGITS} digits or lower-case letters`,
    );
  }
  const bytes = Buffer.from(secret, "latin1");
  return new Uint8Array(
    hkdfSync("sha256", bytes, new Uint8Array(0), "waggle swarm/1 join", SECRET_BYTES),
  );
}

/** Whether two join secrets or fingerprints are the same; takes the same time wherever they differ. */
export function equalJoinSecrets(left: string, right: string): boolean {
  const [leftBytes, rightBytes] = [Buffer.from(left, "utf8"), Buffer.from(right, "utf8")];
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

function checkPart(name: string, text: string, digits: number): void {
  if (text.length !== digits) {
    throw badToken(
      `its ${name} has ${text.length} characters instead of ${digits}; was it copied whole?`,
    );
  }
  if (!digitsPattern.test(text)) {
    throw badToken(`its ${name} has characters other than digits and lower-case letters`);
  }
}

function badToken(reason: string): IdentityError {
  return new IdentityError("bad-token", `this is no join token: ${reason}`);
}
