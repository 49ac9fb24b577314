const ROUND_BYTES = 8;
const BYTE = 256;
const NONE = new Uint8Array(0);

/** The bytes by which a heartbeat names a read round: 8, little-endian; none for round 0. */
export function encodeRound(round: number): Uint8Array {
  if (round === 0) return NONE;
  const bytes = new Uint8Array(ROUND_BYTES);
  let rest = round;
  for (let at = 0; at < ROUND_BYTES; at += 1) {
    bytes[at] = rest % BYTE;
    rest = Math.floor(rest / BYTE);
  }
  return bytes;
}

/** The inverse; undefined for bytes that {@link encodeRound} does not make. */
export function decodeRound(context: Uint8Array): number | undefined {
  if (context.byteLength === 0) return 0;
  if (context.byteLength !== ROUND_BYTES) return undefined;
  let round = 0;
  for (const byte of context.toReversed()) round = round * BYTE + byte;
  return Number.isSafeInteger(round) ? round : undefined;
}
