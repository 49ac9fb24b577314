/** Bytes of a member's name in UTF-8. Failure mode: refused at construction; a packet with more is malformed. */
export const nameBytesMax = 128;

/** Bytes of a host: the longest DNS name. Failure mode: as for names. */
export const hostBytesMax = 255;

/**
 * Bytes of a member's meta: it travels in every announcement, and with the rest must fit a packet.
 * Failure mode: `updateMeta` throws `invalid-argument`; a packet with more is malformed.
 */
export const metaBytesMax = 512;

/**
 * Bytes of a packet that leaves, at most: below the usual path MTU, so that packets are not fragmented.
 * Failure mode: a larger `packetBytesMax` is refused at construction.
 */
export const packetBytesMax = 1400;

/** Bytes a packet must be able to hold: one announcement with all fields at their maximum, and a ping beside it. */
export const packetBytesMin = 1232;

/** Bytes of a packet that arrives, at most: what UDP can carry. Failure mode: dropped, counted as malformed. */
export const packetBytesReceivedMax = 65_535;

/** Messages in one packet, at most. Failure mode: dropped, counted as malformed. */
export const packetMessagesMax = 512;

/**
 * Bytes of one frame of a state exchange, unless configured: about 8 000 members with small meta.
 * Failure mode: a larger state is sent as a random part, which still converges over several exchanges.
 */
export const streamBytesMaxDefault: number = 1024 * 1024;

/** The range in which `streamBytesMax` may be configured. */
export const streamBytesRange: readonly [number, number] = [4096, 64 * 1024 * 1024];

/**
 * Members of any state, the local one included, unless configured. Failure mode: all dead and left members are forgotten
 * to make room; if that makes none, newcomers are ignored.
 */
export const membersMaxDefault = 10_000;

/** Incarnations are 32-bit on the wire. The last value is kept free, so that a node can always refute. */
export const incarnationMax = 0xffff_fffe;

/** Probes of one node in flight at once. Failure mode: further out-of-turn probes are not begun. */
export const probesMax = 64;

/** Probes relayed for others at once. Failure mode: the oldest is forgotten, its ack not passed on. */
export const relaysMax = 1024;

/** Addresses remembered from `join` for later reconnection. Failure mode: the oldest is forgotten. */
export const seedsMax = 64;

/** State exchanges of one node in flight at once, of its own making. Failure mode: no new one is begun. */
export const streamsMax = 64;

/** State exchanges a driver serves at once. Failure mode: a further connection is cut. */
export const acceptedStreamsMax = 128;
