import { KEY_ID_BYTES_MAX } from "../limits.ts";

/** Length of a pre-shared key, in bytes: a full AES-256 key. */
export const SECRET_BYTES = 32;

/** Length of the authentication tag of AES-GCM, in bytes. */
export const TAG_BYTES = 16;

/** Bytes that sealing adds to a largest frame: record type, frame length, tag. The inner limit must leave this room. */
export const RECORD_OVERHEAD_BYTES: number = 1 + 4 + TAG_BYTES;

/** Salt of one sender of datagrams, and its counter, in bytes. */
export const DATAGRAM_SALT_BYTES = 16;
export const DATAGRAM_COUNTER_BYTES = 8;

/** Most bytes that sealing adds to a datagram: version, key id with its length, salt, counter, tag. */
export const DATAGRAM_OVERHEAD_BYTES_MAX: number =
  1 + 1 + KEY_ID_BYTES_MAX + DATAGRAM_SALT_BYTES + DATAGRAM_COUNTER_BYTES + TAG_BYTES;

/** Largest handshake message in bytes: what a stranger can make this side read. */
export const HANDSHAKE_BYTES_MAX = 256;

/** How long a handshake may take, in milliseconds; then the connection is cut. */
export const HANDSHAKE_TIMEOUT_MS_DEFAULT = 5_000;

/** Handshakes under way per listener; more connections are cut at once, and counted. */
export const PENDING_HANDSHAKES_MAX_DEFAULT = 256;

/** How long `close` waits for queued frames to leave, in milliseconds; then it cuts. */
export const CLOSE_TIMEOUT_MS_DEFAULT = 2_000;

/** Keys in one set; a rotation needs two or three. */
export const KEYS_MAX = 64;

/**
 * Small frames that wait together are sealed as one record up to this size: the cost per record is that of 8 KB. A record
 * that joins frames and is larger is refused (`unauthenticated`), since only a tampered sender makes one.
 */
export const BATCH_BYTES_MAX: number = 64 * 1024;

/**
 * After so many records, or bytes, a direction moves on to a key derived from the last one: far below what AES-GCM
 * bears under one key, and an old key no longer exists to be stolen. Both sides count alike.
 */
export const REKEY_RECORDS: number = 2 ** 20;
export const REKEY_BYTES: number = 2 ** 36;

/** After so many datagrams a socket draws a new salt, and with it a new key. */
export const REKEY_DATAGRAMS: number = 2 ** 32;

/** Senders of datagrams whose derived key is kept; the longest unused goes first and costs one derivation to return. */
export const DATAGRAM_SENDERS_MAX = 4096;
