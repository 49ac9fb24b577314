import type { Entry, EntryDraft, Snapshot } from "../entry.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex, Term } from "../ids.ts";
import { PRIORITY_MAX } from "../limits.ts";
import type { Message } from "../messages.ts";
import { readEntry } from "./entry.ts";
import { CodecError } from "./errors.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { ENTRIES_PER_MESSAGE_MAX } from "./limits.ts";
import { MESSAGE_TYPES, TAG, TRANSFER } from "./message-fields.ts";
import { WireReader, checkRoom } from "./reader.ts";
import { readSnapshot, snapshotDraft } from "./snapshot.ts";
import type { SnapshotDraft } from "./snapshot.ts";
import { readId } from "./wide-ids.ts";
import type { WideIds } from "./wide-ids.ts";
import { EMPTY } from "./write.ts";

/** Beyond the context there are `vote`, `responses` and what is unknown; nothing of it matters between members. */
const FIELDS = 12;

/** A raftpb Message while it is read. Of a field that comes twice the last one counts; entries and snapshots add up. */
class Fields {
  type = 0;
  to = NO_NODE;
  from = NO_NODE;
  term = 0 as Term;
  logTerm = 0 as Term;
  index = 0 as LogIndex;
  entries: Entry[] = [];
  commit = 0 as LogIndex;
  snapshot: SnapshotDraft | undefined = undefined;
  reject = false;
  rejectHint = 0 as LogIndex;
  context: Uint8Array = EMPTY;
  priority = 0;
}

/**
 * The inverse of {@link encodeMessage}; unknown fields are passed over, absent ones are 0 or empty. What the numbers mean
 * is for the core to judge. Data and contexts are views of `bytes`, which must not be changed afterwards.
 * @throws CodecError for anything that is no message between members.
 */
export function decodeMessage(bytes: Uint8Array, { ids }: WireFormat = STANDARD): Message {
  const fields = new Fields();
  const reader = new WireReader(bytes);
  while (reader.at < bytes.byteLength) readField(reader, fields, ids);
  return messageOf(fields);
}

function readField(reader: WireReader, fields: Fields, ids: WideIds | undefined): void {
  const tag = reader.varint();
  switch (tag) {
    case TAG.entries:
      checkRoom(fields.entries, ENTRIES_PER_MESSAGE_MAX);
      fields.entries.push(readEntry(reader, reader.block()));
      return;
    case TAG.type:
      fields.type = reader.uint();
      return;
    case TAG.to:
      fields.to = readId(reader, ids);
      return;
    case TAG.from:
      fields.from = readId(reader, ids);
      return;
    case TAG.term:
      fields.term = reader.uint() as Term;
      return;
    case TAG.logTerm:
      fields.logTerm = reader.uint() as Term;
      return;
    case TAG.index:
      fields.index = reader.uint() as LogIndex;
      return;
    case TAG.commit:
      fields.commit = reader.uint() as LogIndex;
      return;
    case TAG.snapshot:
      fields.snapshot ??= snapshotDraft();
      readSnapshot(reader, reader.block(), fields.snapshot, ids);
      return;
    case TAG.reject:
      fields.reject = reader.bool();
      return;
    case TAG.rejectHint:
      fields.rejectHint = reader.uint() as LogIndex;
      return;
    case TAG.context:
      fields.context = reader.data();
      return;
    case TAG.priority:
      fields.priority = readPriority(reader);
      return;
    default:
      reader.skip(tag, FIELDS);
  }
}

function readPriority(reader: WireReader): number {
  const priority = reader.varint();
  if (priority > PRIORITY_MAX) throw new CodecError("out-of-range", `priority ${priority}`);
  return priority;
}

/** Each kind of message is made in one place, so that all of a kind are of one shape. */
function messageOf(fields: Fields): Message {
  const { from, to, term } = fields;
  const type = MESSAGE_TYPES[fields.type];
  switch (type) {
    case "append": {
      const { index, logTerm, entries, commit } = fields;
      return { from, to, term, type, index, logTerm, entries, commit };
    }
    case "append-response":
      return appendResponseOf(fields);
    case "vote":
    case "pre-vote": {
      const { index, logTerm, priority } = fields;
      const transfer = isTransfer(fields.context);
      return { from, to, term, type, index, logTerm, transfer, priority };
    }
    case "vote-response":
    case "pre-vote-response":
      return { from, to, term, type, reject: fields.reject };
    case "heartbeat":
      return { from, to, term, type, commit: fields.commit, context: fields.context };
    case "heartbeat-response":
      return { from, to, term, type, context: fields.context };
    case "snapshot":
      return { from, to, term, type, snapshot: snapshotOf(fields) };
    case "propose":
      return { from, to, term, type, entries: fields.entries.map(draftOf) };
    case "read-index":
      return { from, to, term, type, context: readContextOf(fields) };
    case "read-index-response":
      return { from, to, term, type, index: fields.index, context: readContextOf(fields) };
    case "timeout-now":
    case "transfer-leader":
      return { from, to, term, type };
    case undefined:
      throw new CodecError("unknown-value", `message type ${fields.type}`);
  }
}

function appendResponseOf(fields: Fields): Message {
  const { from, to, term, index, reject } = fields;
  // A hint belongs to a refusal.
  const rejectHint = reject ? fields.rejectHint : (0 as LogIndex);
  const logTerm = reject ? fields.logTerm : (0 as Term);
  return { from, to, term, type: "append-response", index, reject, rejectHint, logTerm };
}

function draftOf({ kind, data }: Entry): EntryDraft {
  return { kind, data };
}

function snapshotOf({ snapshot }: Fields): Snapshot {
  if (snapshot === undefined) throw new CodecError("missing-field", "no snapshot");
  return snapshot;
}

function readContextOf({ entries }: Fields): Uint8Array {
  const [only, more] = entries;
  if (only === undefined || more !== undefined)
    throw new CodecError("missing-field", "a read has exactly one entry");
  return only.data;
}

function isTransfer(context: Uint8Array): boolean {
  return (
    context.byteLength === TRANSFER.byteLength && context.every((byte, at) => byte === TRANSFER[at])
  );
}
