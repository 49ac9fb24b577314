/**
 * What a node needs of a connection: an ordered, reliable stream of frames between two members that the transport has
 * authenticated. The connections of `@waggle/transport` are such.
 */
export interface PeerConnection {
  readonly protocol: string;
  /** Queues one frame; awaiting it is the back-pressure. */
  send(frame: Uint8Array): Promise<void>;
  /** Frames as they arrive; ends when the connection closes, throws when it breaks. */
  readonly frames: AsyncIterable<Uint8Array>;
  /** Lets queued frames leave, then closes. */
  close(): Promise<void>;
  /** Cuts the connection at once. */
  destroy(): void;
  /** Settles, never rejects, when the connection is gone. */
  readonly closed: Promise<unknown>;
}

/** The protocol of messages between members: a hello, then frames of length-prefixed raftpb messages. */
export const RAFT_PROTOCOL = "raft/1";

/** The protocol that carries one snapshot: a hello, a header, chunks, and one byte back. */
export const SNAPSHOT_PROTOCOL = "raft-snapshot/1";
