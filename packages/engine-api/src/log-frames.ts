/*
 * Docker's multiplexed stream. One frame is one whole line:
 *
 *   0     stream
 *   1..3  zero
 *   4..7  length of the payload in bytes, big-endian
 *   8..   payload, line end included
 */
const HEADER_BYTES = 8;

export const LOG_STREAM = { stdout: 1, stderr: 2, systemError: 3 } as const;

export function encodeLogFrame(
  stream: (typeof LOG_STREAM)[keyof typeof LOG_STREAM],
  payload: Uint8Array,
): Uint8Array {
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  frame[0] = stream;
  frame.writeUInt32BE(payload.length, 4);
  frame.set(payload, HEADER_BYTES);
  return frame;
}
