/** Connections per listener: a large swarm's nodes on one manager. More are cut at once, and counted. */
export const CONNECTIONS_MAX_DEFAULT = 4096;

/** Connections per listener that have not said hello yet: what strangers can hold. More are cut at once, and counted. */
export const PENDING_HANDSHAKES_MAX_DEFAULT = 256;

/** How long a connect may take, in milliseconds, before `dial` fails with `timeout`. */
export const CONNECT_TIMEOUT_MS_DEFAULT = 5_000;

/** How long either side waits for the other's first frame, in milliseconds; then the connection is cut. */
export const HANDSHAKE_TIMEOUT_MS_DEFAULT = 5_000;

/** How long `close` waits for queued frames to leave and for the peer's goodbye, in milliseconds; then it cuts. */
export const CLOSE_TIMEOUT_MS_DEFAULT = 2_000;

/** After how long without a sign of the peer a ping is sent, in milliseconds. */
export const IDLE_PING_MS_DEFAULT = 5_000;

/** After how long without a sign of the peer the connection is cut, in milliseconds: three pings unanswered. */
export const IDLE_TIMEOUT_MS_DEFAULT = 15_000;

/** Bytes of datagrams that may wait in this process to leave one socket; more are dropped, and counted. */
export const DATAGRAM_QUEUE_BYTES_MAX: number = 1024 * 1024;

/** Largest control frame in bytes: a hello with the longest protocol name fits. */
export const CONTROL_BYTES_MAX = 128;

/** Below this size header and payload are copied into one buffer, which costs less than a second write vector. */
export const COALESCE_BYTES_MAX = 2048;

/** After how long an idle TCP connection is probed by the system, in milliseconds: a net below the own pings. */
export const KEEP_ALIVE_DELAY_MS = 30_000;
