/**
 * Transports over TCP and UDP, on `node:net` and `node:dgram`.
 * @packageDocumentation
 */
export type { NodeTransportOptions } from "./options.ts";
export type { NodeTransport, NodeTransportStats } from "./transport.ts";
export { createNodeTransport } from "./transport.ts";
