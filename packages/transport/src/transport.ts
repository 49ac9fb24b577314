import type { TransportError } from "./errors.ts";

/** Where a node listens: host and port; both TCP and UDP use the same port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * An ordered, reliable stream of frames between two nodes for one protocol. A frame is delivered whole or not at all.
 */
export interface Connection {
  /** Which protocol the dialer asked for, e.g. `raft/1`. */
  readonly protocol: string;
  readonly remote: Address;
  /** Which key the other side proved to hold; empty on transports that do not authenticate. */
  readonly keyId: string;
  /**
   * Queues one frame. Resolves once it is handed to the network (not: received); awaiting it is the back-pressure.
   * The bytes belong to the transport from the call on: the caller does not change them any more.
   * @throws TransportError `frame-too-large`, `closed`, `queue-full`.
   */
  send(frame: Uint8Array): Promise<void>;
  /**
   * Frames as they arrive; ends when the connection closes, throws when it breaks, in both cases after the frames that
   * came before. One consumer at a time; a loop that was left can be taken up again. A connection whose frames nobody
   * reads stops reading from the network when its queue is full.
   */
  readonly frames: AsyncIterable<Uint8Array>;
  /**
   * Sets the largest frame accepted from the peer, up to the transport's own limit; for layers that lift
   * {@link ListenOptions.frameBytesMax} once they know the peer. Transports without such a limit leave it out.
   */
  setFrameBytesMax?(frameBytesMax: number): void;
  /** Lets queued frames leave, then closes. Idempotent. */
  close(): Promise<void>;
  /** Cuts the connection at once. Idempotent. */
  destroy(reason?: TransportError): void;
  /** Settles, never rejects, when the connection is gone, with the reason if it was not a clean close. */
  readonly closed: Promise<TransportError | undefined>;
}

export interface DialOptions {
  readonly protocol: string;
  /** Which of the transport's keys to prove; default: its first. */
  readonly keyId?: string;
  readonly signal?: AbortSignal;
}

export interface Listener {
  readonly address: Address;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Port 0 lets the system choose. */
  readonly address: Address;
  /**
   * Largest frame accepted on a new connection, in bytes, until `setFrameBytesMax` lifts it: what a stranger can make
   * this side hold. Default: the transport's limit. Ignored by transports whose connections lack `setFrameBytesMax`.
   */
  readonly frameBytesMax?: number;
  /** Called once per connection whose handshake is complete. What it throws closes that connection only. */
  readonly onConnection: (connection: Connection) => void;
}

/** A datagram as received. */
export interface Datagram {
  readonly from: Address;
  readonly data: Uint8Array;
}

/** Best-effort packets: they may be lost, doubled or reordered, never changed. */
export interface DatagramSocket {
  readonly address: Address;
  /** Fire and forget. @throws TransportError `datagram-too-large`, `closed`. */
  send(to: Address, data: Uint8Array): void;
  close(): Promise<void>;
}

export interface BindOptions {
  readonly address: Address;
  readonly onDatagram: (datagram: Datagram) => void;
}

/** Streams and datagrams of one node. */
export interface Transport {
  dial(to: Address, options: DialOptions): Promise<Connection>;
  listen(options: ListenOptions): Promise<Listener>;
  bind(options: BindOptions): Promise<DatagramSocket>;
  /** Closes every listener, socket and connection that came from here. */
  close(): Promise<void>;
}
