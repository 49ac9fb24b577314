/** Placeholder until the transport's author writes it. */
export class TransportError extends Error {}
