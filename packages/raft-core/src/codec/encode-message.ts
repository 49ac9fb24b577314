import type { AppendMessage, Message, VoteMessage } from "../messages.ts";
import { draftsSize, writeDrafts } from "./entry-draft.ts";
import { ENTRY_TAG, entriesSize, writeEntries } from "./entry.ts";
import { STANDARD } from "./format.ts";
import type { WireFormat } from "./format.ts";
import { fullMessageSize, writeFullMessage } from "./full-message.ts";
import { MESSAGE_NUMBERS, TAG, TRANSFER, prioritySize, writePriority } from "./message-fields.ts";
import { snapshotSize, writeSnapshot } from "./snapshot.ts";
import { idSize, wireId, writeId } from "./wide-ids.ts";
import type { WideIds } from "./wide-ids.ts";
import { blockSize, bytesSize, varintSize, writeBytes, writeUint } from "./write.ts";

/** A message as raftpb bytes, in a buffer of its own. */
export function encodeMessage(message: Message, format: WireFormat = STANDARD): Uint8Array {
  const bytes = new Uint8Array(encodedMessageSize(message, format));
  encodeMessageInto(message, bytes, 0, format);
  return bytes;
}

/** How many bytes {@link encodeMessageInto} writes. */
export function encodedMessageSize(message: Message, format: WireFormat = STANDARD): number {
  if (format.profile === "gogo") return fullMessageSize(message, format.ids);
  const { to, from, term } = message;
  const envelope = 4 + idSize(wireId(to, format.ids)) + idSize(wireId(from, format.ids));
  const termSize = term > 0 ? uintSize(term) : 0;
  return envelope + termSize + bodySize(message, format.ids);
}

/**
 * Writes a message as raftpb bytes to `offset` of `target`, and returns the offset behind it.
 * @throws RangeError when it does not fit; `target` then holds a part of it.
 */
export function encodeMessageInto(
  message: Message,
  target: Uint8Array,
  offset: number,
  format: WireFormat = STANDARD,
): number {
  const { ids } = format;
  const end =
    format.profile === "gogo"
      ? writeFullMessage(target, offset, message, ids)
      : writeBody(target, writeEnvelope(target, offset, message, ids), message, ids);
  if (end > target.byteLength) throw new RangeError(`no room for ${end - offset} bytes`);
  return end;
}

function writeEnvelope(
  target: Uint8Array,
  offset: number,
  { type, to, from, term }: Message,
  ids: WideIds | undefined,
): number {
  let at = writeUint(target, offset, TAG.type, MESSAGE_NUMBERS[type]);
  at = writeId(target, at, TAG.to, wireId(to, ids));
  at = writeId(target, at, TAG.from, wireId(from, ids));
  return term > 0 ? writeUint(target, at, TAG.term, term) : at;
}

function bodySize(message: Message, ids: WideIds | undefined): number {
  switch (message.type) {
    case "append": {
      const { logTerm, index, entries, commit } = message;
      return uintSize(logTerm) + uintSize(index) + entriesSize(entries, false) + uintSize(commit);
    }
    case "append-response": {
      const { reject, index, logTerm, rejectHint } = message;
      if (!reject) return index > 0 ? uintSize(index) : 0;
      return uintSize(logTerm) + uintSize(index) + 2 + uintSize(rejectHint);
    }
    case "vote":
    case "pre-vote": {
      const { logTerm, index, transfer, priority } = message;
      const position = uintSize(logTerm) + uintSize(index);
      const context = transfer ? blockSize(TRANSFER.byteLength) : 0;
      return position + context + prioritySize(priority);
    }
    case "vote-response":
    case "pre-vote-response":
      return message.reject ? 2 : 0;
    case "heartbeat":
      return uintSize(message.commit) + bytesSize(message.context);
    case "heartbeat-response":
      return bytesSize(message.context);
    case "snapshot":
      return blockSize(snapshotSize(message.snapshot, ids));
    case "propose":
      return draftsSize(message.entries);
    case "read-index":
      return blockSize(bytesSize(message.context));
    case "read-index-response":
      return uintSize(message.index) + blockSize(bytesSize(message.context));
    case "timeout-now":
    case "transfer-leader":
      return 0;
  }
}

function writeBody(
  target: Uint8Array,
  offset: number,
  message: Message,
  ids: WideIds | undefined,
): number {
  let at = offset;
  switch (message.type) {
    case "append":
      at = writePosition(target, at, message);
      at = writeEntries(target, at, message.entries, false);
      return writeUint(target, at, TAG.commit, message.commit);
    case "append-response":
      if (message.reject) at = writeUint(target, at, TAG.logTerm, message.logTerm);
      if (message.reject || message.index > 0) at = writeUint(target, at, TAG.index, message.index);
      if (!message.reject) return at;
      at = writeUint(target, at, TAG.reject, 1);
      return writeUint(target, at, TAG.rejectHint, message.rejectHint);
    case "vote":
    case "pre-vote":
      at = writePosition(target, at, message);
      if (message.transfer) at = writeBytes(target, at, TAG.context, TRANSFER);
      return writePriority(target, at, message.priority);
    case "vote-response":
    case "pre-vote-response":
      return message.reject ? writeUint(target, at, TAG.reject, 1) : at;
    case "heartbeat":
      at = writeUint(target, at, TAG.commit, message.commit);
      return writeBytes(target, at, TAG.context, message.context);
    case "heartbeat-response":
      return writeBytes(target, at, TAG.context, message.context);
    case "snapshot":
      at = writeUint(target, at, TAG.snapshot, snapshotSize(message.snapshot, ids));
      return writeSnapshot(target, at, message.snapshot, ids);
    case "propose":
      return writeDrafts(target, at, message.entries);
    case "read-index":
      return writeRead(target, at, message.context);
    case "read-index-response":
      at = writeUint(target, at, TAG.index, message.index);
      return writeRead(target, at, message.context);
    case "timeout-now":
    case "transfer-leader":
      return at;
  }
}

function uintSize(value: number): number {
  return 1 + varintSize(value);
}

function writePosition(
  target: Uint8Array,
  offset: number,
  { logTerm, index }: AppendMessage | VoteMessage,
): number {
  return writeUint(target, writeUint(target, offset, TAG.logTerm, logTerm), TAG.index, index);
}

/** A read is the data of an entry. */
function writeRead(target: Uint8Array, offset: number, context: Uint8Array): number {
  const at = writeUint(target, offset, TAG.entries, bytesSize(context));
  return writeBytes(target, at, ENTRY_TAG.data, context);
}
