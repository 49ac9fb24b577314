import { TransportError } from "./errors.ts";
import {
  DATAGRAM_BYTES_MAX_CEILING,
  DATAGRAM_BYTES_MAX_DEFAULT,
  FRAME_BYTES_MAX_CEILING,
  FRAME_BYTES_MAX_DEFAULT,
  INBOUND_BYTES_MAX_DEFAULT,
  INBOUND_FRAMES_MAX_DEFAULT,
  OUTBOUND_BYTES_MAX_DEFAULT,
} from "./limits.ts";

/** Limits that every transport of this package has. Both sides of a connection should use the same. */
export interface TransportLimits {
  /** Largest frame in bytes. Default 16 MiB, at most 256 MiB. */
  readonly frameBytesMax: number;
  /** Largest datagram in bytes. Default 1,472, at most 65,507. */
  readonly datagramBytesMax: number;
  /** Received frames that may wait for their consumer, per connection. Default 1,024. */
  readonly inboundFramesMax: number;
  /** Received bytes that may wait for their consumer, per connection. Default 8 MiB. */
  readonly inboundBytesMax: number;
  /** Bytes that may wait to leave, per connection. Default 64 MiB. */
  readonly outboundBytesMax: number;
}

/**
 * Fills in the defaults and checks all limits together.
 * @throws TransportError `invalid-argument` naming the limit.
 */
export function resolveLimits(limits: Partial<TransportLimits> = {}): TransportLimits {
  return {
    frameBytesMax: checkInteger(
      "frameBytesMax",
      limits.frameBytesMax ?? FRAME_BYTES_MAX_DEFAULT,
      FRAME_BYTES_MAX_CEILING,
    ),
    datagramBytesMax: checkInteger(
      "datagramBytesMax",
      limits.datagramBytesMax ?? DATAGRAM_BYTES_MAX_DEFAULT,
      DATAGRAM_BYTES_MAX_CEILING,
    ),
    inboundFramesMax: checkInteger(
      "inboundFramesMax",
      limits.inboundFramesMax ?? INBOUND_FRAMES_MAX_DEFAULT,
    ),
    inboundBytesMax: checkInteger(
      "inboundBytesMax",
      limits.inboundBytesMax ?? INBOUND_BYTES_MAX_DEFAULT,
    ),
    outboundBytesMax: checkInteger(
      "outboundBytesMax",
      limits.outboundBytesMax ?? OUTBOUND_BYTES_MAX_DEFAULT,
    ),
  };
}

/**
 * Returns the value if it is an integer from 1 to `max`.
 * @throws TransportError `invalid-argument` naming the option.
 */
export function checkInteger(name: string, value: number, max: number = 2 ** 31 - 1): number {
  if (!Number.isSafeInteger(value) || value < 1 || value > max) {
    throw new TransportError(
      "invalid-argument",
      `${name} must be an integer from 1 to ${max}, not ${value}`,
      { limit: max, actual: value },
    );
  }
  return value;
}
