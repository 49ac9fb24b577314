/** Bytes of a request body. A larger one is answered with 413 before it is read whole; a service spec is a few KiB. */
export const REQUEST_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Characters of a path segment such as an id or a name. A longer one is answered with 404. */
export const PATH_PARAMETER_LENGTH_MAX = 1_024;
/** Characters of a whole URL, filters included. A longer one is answered with 414. */
export const URL_LENGTH_MAX = 64 * 1024;
/** Connections that may be open at once; further ones wait in the system's queue. */
export const CONNECTIONS_MAX = 1_024;
/** Time for a client to send the head of a request. */
export const HEADERS_TIMEOUT_MS = 30_000;
/** Time for a client to send a whole request. */
export const REQUEST_TIMEOUT_MS = 60_000;
