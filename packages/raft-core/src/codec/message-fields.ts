import type { Message } from "../messages.ts";
import { varintSize, writeVarint } from "./write.ts";

type MessageType = Message["type"];

/** Values of raftpb MessageType for what travels between members. */
export const MESSAGE_NUMBERS: Readonly<Record<MessageType, number>> = {
  propose: 2,
  append: 3,
  "append-response": 4,
  vote: 5,
  "vote-response": 6,
  snapshot: 7,
  heartbeat: 8,
  "heartbeat-response": 9,
  "transfer-leader": 13,
  "timeout-now": 14,
  "read-index": 15,
  "read-index-response": 16,
  "pre-vote": 17,
  "pre-vote-response": 18,
};

/** The inverse of {@link MESSAGE_NUMBERS}, by number. */
export const MESSAGE_TYPES: readonly (MessageType | undefined)[] = Array.from(
  { length: 1 + Math.max(...Object.values(MESSAGE_NUMBERS)) },
  (_, number) =>
    (Object.keys(MESSAGE_NUMBERS) as MessageType[]).find(
      (type) => MESSAGE_NUMBERS[type] === number,
    ),
);

/** Tags of raftpb Message: field number and wire type as they stand on the wire. */
export const TAG = {
  type: 0x08,
  to: 0x10,
  from: 0x18,
  term: 0x20,
  logTerm: 0x28,
  index: 0x30,
  entries: 0x3a,
  commit: 0x40,
  snapshot: 0x4a,
  reject: 0x50,
  rejectHint: 0x58,
  context: 0x62,
  vote: 0x68,
  /** Of raft-rs; etcd does not know it and passes over it. Two bytes on the wire. */
  priority: 0x80,
} as const;

/** ASCII; the context by which etcd marks an election that the leader asked for. */
export const TRANSFER: Uint8Array = Uint8Array.from("CampaignTransfer", (character) =>
  character.charCodeAt(0),
);

/** Bytes of an election priority. */
export function prioritySize(priority: number): number {
  return priority > 0 ? 2 + varintSize(priority) : 0;
}

/** Writes an election priority unless it is 0; the offset behind it. */
export function writePriority(target: Uint8Array, offset: number, priority: number): number {
  if (priority === 0) return offset;
  return writeVarint(target, writeVarint(target, offset, TAG.priority), priority);
}
