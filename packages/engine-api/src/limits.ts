/** Bytes of a request body. A larger one is answered with 413 before it is read whole; a service spec is a few KiB. */
export const REQUEST_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Characters of a path segment such as an id or a name. A longer one is answered with 404. */
export const PATH_PARAMETER_LENGTH_MAX = 1_024;
/** Characters of a whole URL, filters included. A longer one is answered with 414. */
export const URL_LENGTH_MAX = 64 * 1024;
/** Connections that may be open at once; further ones are closed at once. */
export const CONNECTIONS_MAX = 1_024;
/** Time for a client to send the head of a request. */
export const HEADERS_TIMEOUT_MS = 30_000;
/** Time for a client to send a whole request. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** Levels of objects and lists in a request body. A deeper one is answered with 400; a service spec has eight. */
export const JSON_DEPTH_MAX = 64;
/** How often `service logs --follow` looks for tasks that came since. Later lines of a new task are not lost. */
export const LOG_FOLLOW_INTERVAL_MS = 1_000;
/** Tasks whose output is read at once when a client does not follow; the others wait. Each may cost a connection. */
export const LOG_READERS_MAX = 32;
/** Tasks whose failure a log stream tells at its end. Further ones are left out of the sentence. */
export const LOG_FAILURES_MAX = 16;
