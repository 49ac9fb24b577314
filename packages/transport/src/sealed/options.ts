import {
  DATAGRAM_BYTES_MAX_CEILING,
  DATAGRAM_BYTES_MAX_DEFAULT,
  FRAME_BYTES_MAX_DEFAULT,
} from "../limits.ts";
import type { TransportLimits } from "../options.ts";
import { checkInteger, resolveLimits } from "../options.ts";
import type { SealedKeys } from "./keys.ts";
import {
  CLOSE_TIMEOUT_MS_DEFAULT,
  DATAGRAM_OVERHEAD_BYTES_MAX,
  HANDSHAKE_TIMEOUT_MS_DEFAULT,
  PENDING_HANDSHAKES_MAX_DEFAULT,
  RECORD_OVERHEAD_BYTES,
} from "./limits.ts";

/** Options of {@link createSealedTransport}. */
export interface SealedTransportOptions extends SealedKeys {
  /**
   * Limits above the seal. The inner transport's must leave room: its `frameBytesMax` at least
   * {@link RECORD_OVERHEAD_BYTES} more, its `datagramBytesMax` at least {@link DATAGRAM_OVERHEAD_BYTES_MAX} more, its
   * `outboundBytesMax` at least its `frameBytesMax` and 64 KiB; a record that the inner one refuses ends the connection
   * with `frame-too-large` or `queue-full`. The defaults fit the inner defaults.
   */
  readonly limits?: Partial<TransportLimits>;
  /** Milliseconds for the handshake on top of the inner one. Default 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** Handshakes under way per listener. Default 256. */
  readonly pendingHandshakesMax?: number;
  /** Milliseconds that `close` waits for queued frames. Default 2,000. */
  readonly closeTimeoutMs?: number;
}

/** The options, keys apart, with defaults filled in. */
export interface SealedSettings {
  readonly limits: TransportLimits;
  readonly handshakeTimeoutMs: number;
  readonly pendingHandshakesMax: number;
  readonly closeTimeoutMs: number;
}

/** Checks the options, keys apart. @throws TransportError `invalid-argument`. */
export function resolveSealedOptions(options: SealedTransportOptions): SealedSettings {
  const limits = resolveLimits({
    frameBytesMax: FRAME_BYTES_MAX_DEFAULT - RECORD_OVERHEAD_BYTES,
    datagramBytesMax: DATAGRAM_BYTES_MAX_DEFAULT - DATAGRAM_OVERHEAD_BYTES_MAX,
    ...options.limits,
  });
  checkInteger(
    "datagramBytesMax",
    limits.datagramBytesMax,
    DATAGRAM_BYTES_MAX_CEILING - DATAGRAM_OVERHEAD_BYTES_MAX,
  );
  return {
    limits,
    handshakeTimeoutMs: checkInteger(
      "handshakeTimeoutMs",
      options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS_DEFAULT,
    ),
    pendingHandshakesMax: checkInteger(
      "pendingHandshakesMax",
      options.pendingHandshakesMax ?? PENDING_HANDSHAKES_MAX_DEFAULT,
    ),
    closeTimeoutMs: checkInteger(
      "closeTimeoutMs",
      options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS_DEFAULT,
    ),
  };
}
