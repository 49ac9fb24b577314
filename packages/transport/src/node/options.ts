import { TransportError } from "../errors.ts";
import type { TransportLimits } from "../options.ts";
import { checkInteger, resolveLimits } from "../options.ts";
import {
  CLOSE_TIMEOUT_MS_DEFAULT,
  CONNECTIONS_MAX_DEFAULT,
  CONNECT_TIMEOUT_MS_DEFAULT,
  HANDSHAKE_TIMEOUT_MS_DEFAULT,
  IDLE_PING_MS_DEFAULT,
  IDLE_TIMEOUT_MS_DEFAULT,
  PENDING_HANDSHAKES_MAX_DEFAULT,
} from "./limits.ts";

/** Options of {@link createNodeTransport}. */
export interface NodeTransportOptions {
  readonly limits?: Partial<TransportLimits>;
  /** Connections per listener, finished handshakes or not. Default 4,096. */
  readonly connectionsMax?: number;
  /** Connections per listener whose handshake is under way. Default 256. */
  readonly pendingHandshakesMax?: number;
  /** Milliseconds. Default 5,000. */
  readonly connectTimeoutMs?: number;
  /** Milliseconds, on both sides. Default 5,000. */
  readonly handshakeTimeoutMs?: number;
  /** Milliseconds. Default 2,000. */
  readonly closeTimeoutMs?: number;
  /**
   * Ping after so many milliseconds without a sign of the peer; 0 switches pings and the idle timeout off. Default
   * 5,000. Both sides should use the same.
   */
  readonly idlePingMs?: number;
  /** Cut after so many milliseconds without a sign of the peer; more than `idlePingMs`. Default 15,000. */
  readonly idleTimeoutMs?: number;
}

/** The options with defaults filled in. */
export interface NodeSettings {
  readonly limits: TransportLimits;
  readonly connectionsMax: number;
  readonly pendingHandshakesMax: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly idlePingMs: number;
  readonly idleTimeoutMs: number;
}

/** Checks all options together. @throws TransportError `invalid-argument`. */
export function resolveNodeOptions(options: NodeTransportOptions): NodeSettings {
  const settings = {
    limits: resolveLimits(options.limits),
    connectionsMax: options.connectionsMax ?? CONNECTIONS_MAX_DEFAULT,
    pendingHandshakesMax: options.pendingHandshakesMax ?? PENDING_HANDSHAKES_MAX_DEFAULT,
    connectTimeoutMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS_DEFAULT,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? HANDSHAKE_TIMEOUT_MS_DEFAULT,
    closeTimeoutMs: options.closeTimeoutMs ?? CLOSE_TIMEOUT_MS_DEFAULT,
    idlePingMs: options.idlePingMs ?? IDLE_PING_MS_DEFAULT,
    idleTimeoutMs: options.idleTimeoutMs ?? IDLE_TIMEOUT_MS_DEFAULT,
  };
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === "number" && !(name === "idlePingMs" && value === 0)) {
      checkInteger(name, value);
    }
  }
  if (settings.idlePingMs >= settings.idleTimeoutMs) {
    throw new TransportError("invalid-argument", "idleTimeoutMs must be more than idlePingMs");
  }
  return settings;
}
