/**
 * Kinds of frames on a byte stream.
 *
 * ```text
 * 0      1                5
 * +------+----------------+---------------------+
 * | kind | length, u32 BE | payload             |
 * +------+----------------+---------------------+
 * ```
 */
export const FrameKind = {
  /** A frame of the user. */
  data: 0,
  /** First frame of the dialer: magic, version, protocol name. */
  hello: 1,
  /** First frame of the listener: magic, version. */
  accept: 2,
  /** Asks for a sign of life; empty. */
  ping: 3,
  /** A sign of life; empty. */
  pong: 4,
  /** The sender closes in good order; empty, and its last frame. */
  goodbye: 5,
} as const;

/** One of {@link FrameKind}. */
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** Bytes before the payload of each frame. */
export const FRAME_HEADER_BYTES = 5;

/** Writes the header of a frame at the start of `target`. */
export function writeFrameHeader(target: Uint8Array, kind: FrameKind, payloadBytes: number): void {
  target[0] = kind;
  target[1] = payloadBytes >>> 24;
  target[2] = payloadBytes >>> 16;
  target[3] = payloadBytes >>> 8;
  target[4] = payloadBytes;
}

/** One frame as bytes of its own. */
export function encodeFrame(kind: FrameKind, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + payload.length);
  writeFrameHeader(bytes, kind, payload.length);
  bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}
