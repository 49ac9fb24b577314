/**
 * An ordered, reliable stream of frames to one agent. A `Connection` of `@waggle/transport` is one.
 */
export interface SessionChannel {
  readonly remote: { readonly host: string; readonly port: number };
  /** Resolves once the frame is handed to the network: the back-pressure. Rejects when the channel is gone. */
  send(frame: Uint8Array): Promise<void>;
  /** Ends when the channel closes, throws when it breaks. One consumer. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** Lets queued frames leave, then closes. */
  close(): Promise<void>;
  /** Cuts at once. */
  destroy(): void;
  /** Settles, never rejects, when the channel is gone. */
  readonly closed: Promise<unknown>;
}
