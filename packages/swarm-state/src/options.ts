import {
  IN_FLIGHT_BYTES_MAX,
  TRANSACTION_BYTES_MAX,
  TRANSACTION_CHANGES_MAX,
  TRANSACTIONS_IN_FLIGHT_MAX,
  WATCH_EVENTS_MAX,
} from "./limits.ts";
import { StoreError } from "./errors.ts";
import type { Proposer } from "./store.ts";

/** How a store is made. Only the first two are required. */
export interface SwarmStoreOptions {
  /** How changes reach the log. */
  readonly proposer: Proposer;
  /** Unix milliseconds by this node's clock; read while this node leads, for `createdAtMs` and `updatedAtMs`. */
  readonly now: () => number;
  /** @default TRANSACTION_BYTES_MAX (1.5 MiB), also the greatest allowed. */
  readonly transactionBytesMax?: number;
  /** @default TRANSACTION_CHANGES_MAX (4 096), also the greatest allowed. */
  readonly transactionChangesMax?: number;
  /** @default TRANSACTIONS_IN_FLIGHT_MAX (10 000) */
  readonly transactionsInFlightMax?: number;
  /** @default IN_FLIGHT_BYTES_MAX (64 MiB) */
  readonly inFlightBytesMax?: number;
  /** Events that wait for one reader of `watch()`. @default WATCH_EVENTS_MAX (1 024) */
  readonly watchEventsMax?: number;
  /**
   * Told of what a subscriber threw; the other subscribers and the store go on. By default it becomes an unhandled
   * rejection, so that it is not lost.
   */
  readonly onListenerError?: (error: unknown) => void;
}

/** The options with nothing left open. */
export type ResolvedOptions = Required<SwarmStoreOptions>;

/** Fills in defaults. Throws StoreError `misuse` for a limit that is not a positive whole number, or past its bound. */
export function resolveOptions(options: SwarmStoreOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    proposer: options.proposer,
    now: options.now,
    transactionBytesMax: options.transactionBytesMax ?? TRANSACTION_BYTES_MAX,
    transactionChangesMax: options.transactionChangesMax ?? TRANSACTION_CHANGES_MAX,
    transactionsInFlightMax: options.transactionsInFlightMax ?? TRANSACTIONS_IN_FLIGHT_MAX,
    inFlightBytesMax: options.inFlightBytesMax ?? IN_FLIGHT_BYTES_MAX,
    watchEventsMax: options.watchEventsMax ?? WATCH_EVENTS_MAX,
    onListenerError: options.onListenerError ?? rejectUnhandled,
  };
  checkLimit("transactionBytesMax", resolved.transactionBytesMax, TRANSACTION_BYTES_MAX);
  checkLimit("transactionChangesMax", resolved.transactionChangesMax, TRANSACTION_CHANGES_MAX);
  checkLimit("transactionsInFlightMax", resolved.transactionsInFlightMax);
  checkLimit("inFlightBytesMax", resolved.inFlightBytesMax);
  checkLimit("watchEventsMax", resolved.watchEventsMax);
  return resolved;
}

function checkLimit(name: string, value: number, max: number = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  throw new StoreError("misuse", `${name} is to be a whole number from 1 to ${max}, not ${value}`);
}

function rejectUnhandled(error: unknown): void {
  void Promise.reject(error instanceof Error ? error : new StoreError("misuse", String(error)));
}
