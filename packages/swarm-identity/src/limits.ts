/** Length of a swarm's secret and of every derived key, in bytes: 256 bits. */
export const SECRET_BYTES = 32;

/** Length of an object id, in base 36 digits: just enough for 128 bits. */
export const OBJECT_ID_DIGITS = 25;

/** Length of a join secret, in base 36 digits: 25 digits hold 128 random bits. */
export const JOIN_SECRET_DIGITS = 25;

/** Length of a swarm's fingerprint, in base 36 digits: 50 digits hold the 256 bits of a hash. */
export const FINGERPRINT_DIGITS = 50;

/** Longest text that is looked at as a join token, in characters; a longer one is refused unread. */
export const TOKEN_LENGTH_MAX = 256;

/** Longest purpose of a derived key, in characters. */
export const PURPOSE_LENGTH_MAX = 64;
