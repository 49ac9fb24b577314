import type { Address } from "./transport.ts";

/**
 * What went wrong.
 *
 * | code | caused by | has anything changed | retry |
 * |---|---|---|---|
 * | `frame-too-large` | the caller, or a peer with a larger limit | on send: nothing; on receipt: the connection is cut | no: split the frame |
 * | `datagram-too-large` | the caller | nothing was sent | no: split the data |
 * | `closed` | the caller, or an orderly close by the peer | the frame was not sent | on a new connection |
 * | `queue-full` | a caller that does not await `send` | the frame was not sent, the connection stands | after earlier sends have resolved |
 * | `refused` | nobody listens there, or the listener is at its limit | nothing | later |
 * | `unreachable` | network, or a name that does not resolve | nothing | later |
 * | `timeout` | a slow or dead peer | the connection is cut; sent frames may or may not have arrived | on a new connection |
 * | `aborted` | the caller: signal, or `destroy()` without a reason | the connection is cut | as the caller likes |
 * | `unauthenticated` | a peer without the right key, or someone on the wire | the connection is cut | no: mend the keys first |
 * | `protocol` | a peer that speaks something else | the connection is cut | no |
 * | `address-in-use` | another listener or socket | nothing | with another port |
 * | `address-unavailable` | a local address that this machine does not have, or may not use | nothing | with another address |
 * | `broken` | network, or the death of the peer | the connection is gone; sent frames may or may not have arrived | on a new connection |
 * | `invalid-argument` | the caller | nothing | no |
 */
export type TransportErrorCode =
  | "frame-too-large"
  | "datagram-too-large"
  | "closed"
  | "queue-full"
  | "refused"
  | "unreachable"
  | "timeout"
  | "aborted"
  | "unauthenticated"
  | "protocol"
  | "address-in-use"
  | "address-unavailable"
  | "broken"
  | "invalid-argument";

/** Details that an error carries besides its code. */
export interface TransportErrorDetails {
  /** The other side, or the local address for errors of `listen` and `bind`. */
  readonly address?: Address;
  /** The limit that was passed, in the unit of that limit. */
  readonly limit?: number;
  /** What was asked or received, in the unit of `limit`. */
  readonly actual?: number;
  /** The error below this one. */
  readonly cause?: unknown;
}

const brand = Symbol.for("@waggle/transport.TransportError");

/** The one error class of this package; see {@link TransportErrorCode} for what each code means to the caller. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  readonly code: TransportErrorCode;
  readonly address: Address | undefined;
  readonly limit: number | undefined;
  readonly actual: number | undefined;

  constructor(code: TransportErrorCode, message: string, details: TransportErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.address = details.address;
    this.limit = details.limit;
    this.actual = details.actual;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link TransportError}, also one of another copy of this package. */
export function isTransportError(value: unknown): value is TransportError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}
