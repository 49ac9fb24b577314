import type { Message, NodeId } from "@waggle/raft-core";
import { decodeMessage } from "@waggle/raft-core/codec";
import { RaftNodeError } from "../errors.ts";
import { FRAME_BYTES_MAX, MESSAGES_PER_FRAME_MAX } from "../limits.ts";

/**
 * What travels. All numbers are little endian.
 *
 * ```
 * hello      u8 1, u64 from, u64 to                       first frame of every connection
 * messages   (u32 length, raftpb Message) one or more     raft/1; see snapshot-frames.ts for raft-snapshot/1
 * ```
 */
export interface Hello {
  readonly from: NodeId;
  readonly to: NodeId;
}

const HELLO_BYTES = 17;
const HELLO_VERSION = 1;
const LENGTH_BYTES = 4;
const U32 = 0x1_0000_0000;

export function encodeHello({ from, to }: Hello): Uint8Array {
  const frame = new Uint8Array(HELLO_BYTES);
  const view = viewOf(frame);
  frame[0] = HELLO_VERSION;
  setU64(view, 1, from);
  setU64(view, 9, to);
  return frame;
}

/** @throws RaftNodeError `protocol`. */
export function decodeHello(frame: Uint8Array): Hello {
  if (frame.byteLength !== HELLO_BYTES || frame[0] !== HELLO_VERSION) {
    throw new RaftNodeError("protocol", "the first frame is no hello");
  }
  const view = viewOf(frame);
  return { from: getU64(view, 1) as NodeId, to: getU64(view, 9) as NodeId };
}

/** Puts encoded messages into one frame. */
export function encodeMessages(messages: readonly Uint8Array[]): Uint8Array {
  const length = messages.reduce((sum, { byteLength }) => sum + LENGTH_BYTES + byteLength, 0);
  const frame = new Uint8Array(length);
  const view = viewOf(frame);
  let offset = 0;
  for (const message of messages) {
    view.setUint32(offset, message.byteLength, true);
    frame.set(message, offset + LENGTH_BYTES);
    offset += LENGTH_BYTES + message.byteLength;
  }
  return frame;
}

/** All messages of a frame, which must not be changed afterwards. @throws RaftNodeError `protocol`, CodecError. */
export function decodeMessages(received: Uint8Array): readonly Message[] {
  if (received.byteLength > FRAME_BYTES_MAX) throw malformed("it is too long");
  const frame = apart(received);
  const view = viewOf(frame);
  const messages: Message[] = [];
  let offset = 0;
  while (offset < frame.byteLength) {
    if (offset + LENGTH_BYTES > frame.byteLength) throw malformed("a length is cut off");
    const start = offset + LENGTH_BYTES;
    const end = start + view.getUint32(offset, true);
    if (end > frame.byteLength) throw malformed("a message is cut off");
    if (messages.length >= MESSAGES_PER_FRAME_MAX) throw malformed("too many messages");
    messages.push(decodeMessage(frame.subarray(start, end)));
    offset = end;
  }
  return messages;
}

/** Entries are views of what they are decoded from: of a larger buffer they would hold on to all of it. */
export function apart(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}

/** The numbers in a frame. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a safe integer in 8 bytes. */
export function setU64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value % U32, true);
  view.setUint32(offset + 4, Math.floor(value / U32), true);
}

/** Reads one. @throws RaftNodeError `protocol` for a number that is none. */
export function getU64(view: DataView, offset: number): number {
  const value = view.getUint32(offset + 4, true) * U32 + view.getUint32(offset, true);
  if (!Number.isSafeInteger(value)) throw malformed("a number is out of range");
  return value;
}

/** The error of a frame that no member sends. */
export function malformed(why: string): RaftNodeError {
  return new RaftNodeError("protocol", `a frame is malformed: ${why}`);
}
