/** How long a forwarded call is retried while no leader is known. Longer than an election; a person still waits. */
export const FORWARD_RETRY_FOR_MS = 5_000;

/** First and longest pause between two attempts of a forwarded call. */
export const FORWARD_RETRY_DELAY_MS_MIN = 25;
export const FORWARD_RETRY_DELAY_MS_MAX = 250;

/** Least CPU that can be asked for: a thousandth. Docker's rule. Less is refused. */
export const NANO_CPUS_MIN = 1_000_000;

/** Least memory that can be asked for: 4 MiB. Docker's rule. Less is refused. */
export const MEMORY_BYTES_MIN: number = 4 * 1024 * 1024;

/** Longest name of a service: that of a DNS label. Longer ones are refused. */
export const NAME_LENGTH_MAX = 63;

/** Replicas that one service may ask for. Bounds what a slip of the pen creates; refused above. */
export const REPLICAS_MAX = 100_000;

/** Characters in one text of a request (a label, an argument, an environment entry). The store's own limit. */
export const TEXT_LENGTH_MAX = 131_072;

/** Items in one list, or labels in one record, of a request. */
export const LIST_ITEMS_MAX = 4_096;

/** Longest id in a request; ours have 25 characters. */
export const ID_LENGTH_MAX = 64;

/** Longest duration in a request, in milliseconds: a hundred years, so that adding to a time stamp stays exact. */
export const DURATION_MS_MAX: number = 100 * 365 * 86_400_000;

/**
 * Bytes of a service's spec as JSON. A service holds two of them, and its replacement of a task writes two or three, so
 * this keeps all that is made of a service within an object's and a transaction's limit. Larger ones are refused.
 */
export const SERVICE_SPEC_BYTES_MAX = 400_000;
