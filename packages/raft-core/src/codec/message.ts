import type { Entry, Snapshot } from "../entry.ts";
import type { LogIndex, NodeId, Term } from "../ids.ts";
import { PRIORITY_MAX } from "../limits.ts";
import type { Message } from "../messages.ts";
import { decodeEntry, encodeDraft, encodeEntry } from "./entry.ts";
import { CodecError } from "./errors.ts";
import { ENTRIES_PER_MESSAGE_MAX } from "./limits.ts";
import { decodeSnapshot, encodeSnapshot } from "./state.ts";
import { WireWriter, eachField, pushLimited } from "./wire.ts";
import type { WireField } from "./wire.ts";

type MessageType = Message["type"];

/** Values of raftpb MessageType for what travels between members. */
const NUMBERS: Readonly<Record<MessageType, number>> = {
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

const TYPES = new Map<number, MessageType>(
  Object.entries(NUMBERS).map(([type, number]) => [number, type as MessageType]),
);

const F = {
  type: 1,
  to: 2,
  from: 3,
  term: 4,
  logTerm: 5,
  index: 6,
  entries: 7,
  commit: 8,
  snapshot: 9,
  reject: 10,
  rejectHint: 11,
  context: 12,
  /** Of raft-rs; etcd does not know it and passes over it. */
  priority: 16,
} as const;

const EMPTY = new Uint8Array(0);
/** ASCII; the context by which etcd marks an election that the leader asked for. */
const TRANSFER = Uint8Array.from("CampaignTransfer", (character) => character.charCodeAt(0));

/** A message as raftpb bytes. */
export function encodeMessage(message: Message): Uint8Array {
  const writer = new WireWriter()
    .uint(F.type, NUMBERS[message.type])
    .uint(F.to, message.to)
    .uint(F.from, message.from);
  if (message.term > 0) writer.uint(F.term, message.term);
  writeBody(writer, message);
  return writer.finish();
}

function writeBody(writer: WireWriter, message: Message): void {
  switch (message.type) {
    case "append":
      writer.uint(F.logTerm, message.logTerm).uint(F.index, message.index);
      for (const entry of message.entries) writer.bytes(F.entries, encodeEntry(entry));
      writer.uint(F.commit, message.commit);
      return;
    case "append-response":
      if (message.reject) writer.uint(F.logTerm, message.logTerm);
      if (message.reject || message.index > 0) writer.uint(F.index, message.index);
      if (message.reject) writer.uint(F.reject, 1).uint(F.rejectHint, message.rejectHint);
      return;
    case "vote":
    case "pre-vote":
      writer.uint(F.logTerm, message.logTerm).uint(F.index, message.index);
      if (message.transfer) writer.bytes(F.context, TRANSFER);
      if (message.priority > 0) writer.uint(F.priority, message.priority);
      return;
    case "vote-response":
    case "pre-vote-response":
      if (message.reject) writer.uint(F.reject, 1);
      return;
    case "heartbeat":
      writer.uint(F.commit, message.commit);
      writeContext(writer, message.context);
      return;
    case "heartbeat-response":
      writeContext(writer, message.context);
      return;
    case "snapshot":
      writer.bytes(F.snapshot, encodeSnapshot(message.snapshot));
      return;
    case "propose":
      for (const draft of message.entries) writer.bytes(F.entries, encodeDraft(draft));
      return;
    case "read-index":
      writer.bytes(F.entries, encodeDraft({ kind: "normal", data: message.context }));
      return;
    case "read-index-response":
      writer.uint(F.index, message.index);
      writer.bytes(F.entries, encodeDraft({ kind: "normal", data: message.context }));
      return;
    case "timeout-now":
    case "transfer-leader":
      return;
  }
}

function writeContext(writer: WireWriter, context: Uint8Array): void {
  if (context.byteLength > 0) writer.bytes(F.context, context);
}

/** All fields of a raftpb Message that matter between members. */
interface Fields {
  type: number;
  to: NodeId;
  from: NodeId;
  term: Term;
  logTerm: Term;
  index: LogIndex;
  entries: Entry[];
  commit: LogIndex;
  snapshot: Snapshot | undefined;
  reject: boolean;
  rejectHint: LogIndex;
  context: Uint8Array;
  priority: number;
}

/**
 * The inverse of {@link encodeMessage}; unknown fields are passed over, absent ones are 0 or empty. What the numbers mean
 * is for the core to judge. @throws CodecError for anything that is no message between members.
 */
export function decodeMessage(bytes: Uint8Array): Message {
  const fields: Fields = {
    type: 0,
    to: 0 as NodeId,
    from: 0 as NodeId,
    term: 0 as Term,
    logTerm: 0 as Term,
    index: 0 as LogIndex,
    entries: [],
    commit: 0 as LogIndex,
    snapshot: undefined,
    reject: false,
    rejectHint: 0 as LogIndex,
    context: EMPTY,
    priority: 0,
  };
  eachField(bytes, (field) => readField(fields, field));
  const type = TYPES.get(fields.type);
  if (type === undefined) throw new CodecError("unknown-value", `message type ${fields.type}`);
  return build(type, fields);
}

function readField(fields: Fields, field: WireField): void {
  switch (field.number) {
    case F.type:
      fields.type = field.uint();
      return;
    case F.to:
      fields.to = field.uint() as NodeId;
      return;
    case F.from:
      fields.from = field.uint() as NodeId;
      return;
    case F.term:
      fields.term = field.uint() as Term;
      return;
    case F.logTerm:
      fields.logTerm = field.uint() as Term;
      return;
    case F.index:
      fields.index = field.uint() as LogIndex;
      return;
    case F.entries:
      pushLimited(fields.entries, decodeEntry(field.bytes()), ENTRIES_PER_MESSAGE_MAX);
      return;
    case F.commit:
      fields.commit = field.uint() as LogIndex;
      return;
    case F.snapshot:
      fields.snapshot = decodeSnapshot(field.bytes());
      return;
    case F.reject:
      fields.reject = field.bool();
      return;
    case F.rejectHint:
      fields.rejectHint = field.uint() as LogIndex;
      return;
    case F.context:
      fields.context = field.bytes().slice();
      return;
    case F.priority:
      fields.priority = field.uint();
      return;
    default:
      return;
  }
}

function build(type: MessageType, fields: Fields): Message {
  const { from, to, term, index, logTerm, commit, reject, rejectHint, context } = fields;
  const envelope = { from, to, term };
  switch (type) {
    case "append":
      return { ...envelope, type, index, logTerm, entries: fields.entries, commit };
    case "append-response":
      return reject
        ? { ...envelope, type, index, reject, rejectHint, logTerm }
        : { ...envelope, type, index, reject, rejectHint: 0 as LogIndex, logTerm: 0 as Term };
    case "vote":
    case "pre-vote":
      return {
        ...envelope,
        type,
        index,
        logTerm,
        transfer: isTransfer(context),
        priority: priorityOf(fields),
      };
    case "vote-response":
    case "pre-vote-response":
      return { ...envelope, type, reject };
    case "heartbeat":
      return { ...envelope, type, commit, context };
    case "heartbeat-response":
      return { ...envelope, type, context };
    case "snapshot":
      if (fields.snapshot === undefined) throw new CodecError("missing-field", "no snapshot");
      return { ...envelope, type, snapshot: fields.snapshot };
    case "propose":
      return {
        ...envelope,
        type,
        entries: fields.entries.map(({ kind, data }) => ({ kind, data })),
      };
    case "read-index":
      return { ...envelope, type, context: readContext(fields) };
    case "read-index-response":
      return { ...envelope, type, index, context: readContext(fields) };
    case "timeout-now":
    case "transfer-leader":
      return { ...envelope, type };
  }
}

function readContext({ entries }: Fields): Uint8Array {
  const [only, more] = entries;
  if (only === undefined || more !== undefined)
    throw new CodecError("missing-field", "a read has exactly one entry");
  return only.data;
}

function priorityOf({ priority }: Fields): number {
  if (priority > PRIORITY_MAX) throw new CodecError("out-of-range", `priority ${priority}`);
  return priority;
}

function isTransfer(context: Uint8Array): boolean {
  return (
    context.byteLength === TRANSFER.byteLength && context.every((byte, at) => byte === TRANSFER[at])
  );
}
