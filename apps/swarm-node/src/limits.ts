/** Calls that may wait for an answer on one connection. Further ones are refused as `unavailable`. */
export const RPC_CALLS_IN_FLIGHT_MAX = 1_024;
/** Time for a call to a manager to be answered, when the caller names none. */
export const RPC_CALL_TIMEOUT_MS = 10_000;
/** Bytes of one call or answer. A larger one is refused; the transport's frame limit is above it. */
export const RPC_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** Time to reach another node: dial, handshake included. */
export const DIAL_TIMEOUT_MS = 3_000;
/** Time for the whole of a join, as in Docker. */
export const JOIN_TIMEOUT_MS = 20_000;
/** Time for a new manager to catch up before its join is answered; after it the leader goes on in the background. */
export const JOIN_PROMOTION_TIMEOUT_MS = 10_000;
/** Time for the managers to let one go that leaves; then it goes without, and they still count on it. */
export const STEP_DOWN_TIMEOUT_MS = 5_000;
/** Machines that a manager takes in at the same time; further ones are hung up on, and try again. */
export const JOIN_CONVERSATIONS_MAX = 128;
/** Bytes of one message of the join protocol. */
export const JOIN_MESSAGE_BYTES_MAX = 256 * 1024;
/** Bytes of the identity file, enough for a thousand managers; a larger one is refused as damaged. */
export const IDENTITY_FILE_BYTES_MAX = 1024 * 1024;
/** Log streams that a node serves at once; further ones are refused. */
export const LOG_STREAMS_MAX = 256;
/** Time for the reader of a log stream to say what it wants; then its connection is cut. */
export const LOG_REQUEST_TIMEOUT_MS = 10_000;
/** Bytes of one frame of a log stream: one line and its header. */
export const LOG_FRAME_BYTES_MAX = 128 * 1024;
/** Connections to past leaders that are kept, for the calls on them; the oldest is closed, and its calls are lost. */
export const PAST_LEADERS_MAX = 8;
