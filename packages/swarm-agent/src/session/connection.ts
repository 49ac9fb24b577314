import type { ManagerPeer } from "@waggle/swarm-state";

/**
 * An ordered, reliable stream of frames to a manager. What the agent needs of a transport's connection; a
 * `Connection` of `@waggle/transport` is one.
 */
export interface SessionConnection {
  /** Queues one frame; resolves once it is handed to the network, rejects when the connection is gone. */
  send(frame: Uint8Array): Promise<void>;
  /** Frames as they arrive; ends when the connection closes, throws when it breaks. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** Lets queued frames leave, then closes. */
  close(): Promise<void>;
  /** Cuts the connection at once. */
  destroy(): void;
}

/** Opens a connection to a manager; rejects when it cannot, or when `signal` is aborted. */
export type DialManager = (
  manager: ManagerPeer,
  options: { readonly signal: AbortSignal },
) => Promise<SessionConnection>;
