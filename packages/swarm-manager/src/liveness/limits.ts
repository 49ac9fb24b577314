/** Sessions remembered per node: one, and a few that were replaced and whose end is not reported yet. The oldest goes. */
export const SESSIONS_PER_NODE_MAX = 8;

/** Nodes marked down in one transaction; the rest follows in the next. */
export const NODES_PER_TRANSACTION_MAX = 500;

/** How long a verdict that could not be written waits for the next try. */
export const WRITE_RETRY_DELAY_MS = 500;
