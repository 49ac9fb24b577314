import type { Address } from "../address.ts";

/** Sends packets, best effort. The packets that arrive are handed to `handleDatagram`. */
export interface DatagramPort {
  /** Fire and forget. What it throws is counted as a packet lost. */
  send(to: Address, data: Uint8Array): void;
}

/** An ordered stream of frames with one peer; a `Connection` of `@waggle/transport` is one. */
export interface StreamConnection {
  send(frame: Uint8Array): Promise<void>;
  readonly frames: AsyncIterable<Uint8Array>;
  /** Lets queued frames leave, then closes. */
  close(): Promise<void>;
  /** Cuts at once. */
  destroy(): void;
}

/** Opens streams. Those that peers open are handed to `acceptStream`. */
export interface StreamPort {
  dial(to: Address, options: { readonly signal: AbortSignal }): Promise<StreamConnection>;
}

/** Monotonic time and timers, in milliseconds. */
export interface ClockPort {
  now(): number;
  /** Calls `run` once after the delay; the returned function prevents that. */
  setTimer(delayMs: number, run: () => void): () => void;
}
