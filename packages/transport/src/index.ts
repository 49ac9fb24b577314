/**
 * Bytes between addresses: framed streams and datagrams. This entry is the contract; implementations are at `/memory`,
 * `/node` and `/sealed`, the compliance cases at `/testing`.
 * @packageDocumentation
 */
export type {
  Address,
  Connection,
  Transport,
  Listener,
  ListenOptions,
  DialOptions,
  BindOptions,
  Datagram,
  DatagramSocket,
} from "./transport.ts";
export type { TransportErrorCode, TransportErrorDetails } from "./errors.ts";
export type { TransportLimits } from "./options.ts";
export type { ListenAndBindOptions, Presence } from "./listen-and-bind.ts";
export type { Frame, FrameDecoder, FrameDecoderLimits } from "./framing/decode.ts";
export { TransportError, isTransportError } from "./errors.ts";
export { resolveLimits } from "./options.ts";
export { formatAddress, parseAddress } from "./address.ts";
export { listenAndBind } from "./listen-and-bind.ts";
export { isProtocolName } from "./protocol-name.ts";
export { FRAME_HEADER_BYTES, FrameKind, encodeFrame, writeFrameHeader } from "./framing/encode.ts";
export { createFrameDecoder } from "./framing/decode.ts";
export {
  DATAGRAM_BYTES_MAX_CEILING,
  DATAGRAM_BYTES_MAX_DEFAULT,
  FRAME_BYTES_MAX_CEILING,
  FRAME_BYTES_MAX_DEFAULT,
  HOST_LENGTH_MAX,
  INBOUND_BYTES_MAX_DEFAULT,
  INBOUND_FRAMES_MAX_DEFAULT,
  KEY_ID_BYTES_MAX,
  LISTEN_AND_BIND_ATTEMPTS_MAX,
  OUTBOUND_BYTES_HIGH_WATER,
  OUTBOUND_BYTES_MAX_DEFAULT,
  PROTOCOL_NAME_LENGTH_MAX,
} from "./limits.ts";
