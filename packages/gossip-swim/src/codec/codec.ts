import type { PacketMessage, StateEntry, StreamMessage } from "./messages.ts";

/**
 * How messages become bytes. The core depends on this contract only, so that another wire format can take the place
 * of ours. Decoding is total: any bytes give messages or a `CodecError`, in bounded time and memory.
 */
export interface SwimCodec {
  /** One message as a part of a packet. */
  encodePart(message: PacketMessage): Uint8Array;
  /** A packet of at least one part. */
  encodePacket(parts: readonly Uint8Array[]): Uint8Array;
  /** Bytes that a packet adds to its parts. */
  readonly packetOverheadBytes: number;
  /** Bytes that each part adds to a packet. */
  readonly partOverheadBytes: number;
  /** @throws CodecError */
  decodePacket(bytes: Uint8Array): PacketMessage[];
  /** One frame of a stream. */
  encodeStream(message: StreamMessage): Uint8Array;
  /** Bytes that one entry adds to a state frame, and a bound for what the frame has besides. */
  entryBytes(entry: StateEntry): number;
  readonly stateOverheadBytesMax: number;
  /** @throws CodecError */
  decodeStream(bytes: Uint8Array): StreamMessage;
}
