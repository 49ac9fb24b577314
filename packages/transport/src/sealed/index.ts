/**
 * Authentication and encryption with pre-shared keys, over any transport.
 * @packageDocumentation
 */
export type { PreSharedKey, SealedKeys } from "./keys.ts";
export type { SealedTransportOptions } from "./options.ts";
export type { SealedTransport, SealedTransportStats } from "./transport.ts";
export { createSealedTransport } from "./transport.ts";
export { DATAGRAM_OVERHEAD_BYTES_MAX, RECORD_OVERHEAD_BYTES } from "./limits.ts";
