import type { Entry, EntryDraft, Snapshot } from "../entry.ts";
import type { LogIndex, Term } from "../ids.ts";
import type { Message } from "../messages.ts";
import { entriesSize, writeEntries } from "./entry.ts";
import { MESSAGE_NUMBERS, TAG, TRANSFER, prioritySize, writePriority } from "./message-fields.ts";
import { snapshotSize, writeSnapshot } from "./snapshot.ts";
import { idSize, wireId, writeId } from "./wide-ids.ts";
import type { WideIds } from "./wide-ids.ts";
import { EMPTY, blockSize, bytesSize, varintSize, writeBytes, writeUint } from "./write.ts";

/** What the fields of a message hold in profile `gogo`: one that the kind of message gives no meaning is there too. */
interface FullFields {
  readonly logTerm: number;
  readonly index: number;
  readonly entries: readonly Entry[];
  readonly commit: number;
  readonly snapshot: Snapshot | undefined;
  readonly reject: boolean;
  readonly rejectHint: number;
  readonly context: Uint8Array;
  readonly priority: number;
}

const NONE: FullFields = {
  logTerm: 0,
  index: 0,
  entries: [],
  commit: 0,
  snapshot: undefined,
  reject: false,
  rejectHint: 0,
  context: EMPTY,
  priority: 0,
};

function fieldsOf(message: Message): FullFields {
  switch (message.type) {
    case "propose":
      return { ...NONE, entries: message.entries.map(placeless) };
    case "read-index":
      return { ...NONE, entries: [read(message.context)] };
    case "read-index-response":
      return { ...NONE, index: message.index, entries: [read(message.context)] };
    case "vote":
    case "pre-vote":
      return { ...NONE, ...message, context: message.transfer ? TRANSFER : EMPTY };
    default:
      return { ...NONE, ...message };
  }
}

function placeless({ kind, data }: EntryDraft): Entry {
  return { kind, term: 0 as Term, index: 0 as LogIndex, data };
}

function read(context: Uint8Array): Entry {
  return placeless({ kind: "normal", data: context });
}

/** Bytes of a message in profile `gogo`. */
export function fullMessageSize(message: Message, ids: WideIds | undefined): number {
  const { logTerm, index, entries, commit, ...rest } = fieldsOf(message);
  let size = 6 + idSize(wireId(message.to, ids)) + idSize(wireId(message.from, ids));
  for (const number of [message.term, logTerm, index, commit, rest.rejectHint])
    size += 1 + varintSize(number);
  size += entriesSize(entries, true);
  if (rest.snapshot !== undefined) size += blockSize(snapshotSize(rest.snapshot, ids));
  return size + 2 + bytesSize(rest.context) + prioritySize(rest.priority);
}

/** Writes a message in {@link fullMessageSize} bytes; the offset behind it. */
export function writeFullMessage(
  target: Uint8Array,
  offset: number,
  message: Message,
  ids: WideIds | undefined,
): number {
  const { snapshot, ...fields } = fieldsOf(message);
  let at = writeUint(target, offset, TAG.type, MESSAGE_NUMBERS[message.type]);
  at = writeId(target, at, TAG.to, wireId(message.to, ids));
  at = writeId(target, at, TAG.from, wireId(message.from, ids));
  at = writeUint(target, at, TAG.term, message.term);
  at = writeUint(target, at, TAG.logTerm, fields.logTerm);
  at = writeUint(target, at, TAG.index, fields.index);
  at = writeEntries(target, at, fields.entries, true);
  at = writeUint(target, at, TAG.commit, fields.commit);
  if (snapshot !== undefined) {
    at = writeUint(target, at, TAG.snapshot, snapshotSize(snapshot, ids));
    at = writeSnapshot(target, at, snapshot, ids);
  }
  at = writeUint(target, at, TAG.reject, fields.reject ? 1 : 0);
  at = writeUint(target, at, TAG.rejectHint, fields.rejectHint);
  at = writeBytes(target, at, TAG.context, fields.context);
  return writePriority(target, writeUint(target, at, TAG.vote, 0), fields.priority);
}
