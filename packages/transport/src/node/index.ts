/**
 * Transports over TCP and UDP, on `node:net` and `node:dgram`.
 * @packageDocumentation
 */
export type { NodeTransportOptions } from "./options.ts";
export type {
  ListenAndBindOptions,
  NodeTransport,
  NodeTransportStats,
  Presence,
} from "./transport.ts";
export { createNodeTransport } from "./transport.ts";
