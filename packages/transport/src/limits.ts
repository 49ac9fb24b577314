/**
 * Default for the largest frame, in bytes: room for a batch of log entries or a snapshot chunk, while one hostile peer
 * holds no more than this. A larger frame is refused on send and cuts the connection on receipt (`frame-too-large`).
 */
export const FRAME_BYTES_MAX_DEFAULT: number = 16 * 1024 * 1024;

/** Upper bound of the option `frameBytesMax`: what one allocation may sensibly be. */
export const FRAME_BYTES_MAX_CEILING: number = 256 * 1024 * 1024;

/**
 * Default for the largest datagram, in bytes: what fits an Ethernet frame of 1,500 bytes after the IPv4 and UDP headers,
 * so that the network does not fragment it. A larger one is refused (`datagram-too-large`) or dropped on receipt.
 */
export const DATAGRAM_BYTES_MAX_DEFAULT = 1472;

/** Upper bound of the option `datagramBytesMax`: the most that UDP over IPv4 can carry. */
export const DATAGRAM_BYTES_MAX_CEILING = 65_507;

/**
 * Default for how many received frames wait for their consumer; above it the connection stops reading and the sender
 * feels back-pressure. One read from the network may overshoot it.
 */
export const INBOUND_FRAMES_MAX_DEFAULT = 1024;

/** The same limit in bytes: at least one frame is always let in. */
export const INBOUND_BYTES_MAX_DEFAULT: number = 8 * 1024 * 1024;

/**
 * Default for how many bytes may wait to leave on one connection. A caller that awaits `send` never gets there; one that
 * does not is refused with `queue-full`. One frame is always let in.
 */
export const OUTBOUND_BYTES_MAX_DEFAULT: number = 64 * 1024 * 1024;

/** From how many bytes waiting on one connection `send` makes its caller wait (memory transport). */
export const OUTBOUND_BYTES_HIGH_WATER: number = 64 * 1024;

/** Longest protocol name, in characters: it is read before the peer is known. */
export const PROTOCOL_NAME_LENGTH_MAX = 64;

/** Longest key id, in bytes: it travels in every sealed datagram. */
export const KEY_ID_BYTES_MAX = 16;

/** Longest host in an address, in characters: the limit of DNS names. */
export const HOST_LENGTH_MAX = 253;

/** How often `listenAndBind` tries another port when the system chose one whose datagram twin is taken. */
export const LISTEN_AND_BIND_ATTEMPTS_MAX = 16;
