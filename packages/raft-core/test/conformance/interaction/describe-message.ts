import type {
  Entry,
  EntryDraft,
  Message,
  SnapshotMetadata,
  StorageRequest,
} from "../../../src/index.ts";
import type { LocalMessage } from "../../../src/index.ts";
import { describeEntry, describeSnapshot, describeTarget } from "../describe.ts";

/** Whatever travels between nodes, and between a node and its threads. */
export type Parcel = Message | StorageRequest | LocalMessage;

const NAMES: Readonly<Record<Parcel["type"], string>> = {
  append: "MsgApp",
  "append-response": "MsgAppResp",
  vote: "MsgVote",
  "vote-response": "MsgVoteResp",
  "pre-vote": "MsgPreVote",
  "pre-vote-response": "MsgPreVoteResp",
  heartbeat: "MsgHeartbeat",
  "heartbeat-response": "MsgHeartbeatResp",
  snapshot: "MsgSnap",
  propose: "MsgProp",
  "timeout-now": "MsgTimeoutNow",
  "transfer-leader": "MsgTransferLeader",
  "read-index": "MsgReadIndex",
  "read-index-response": "MsgReadIndexResp",
  "storage-append": "MsgStorageAppend",
  "storage-append-response": "MsgStorageAppendResp",
  "storage-apply": "MsgStorageApply",
  "storage-apply-response": "MsgStorageApplyResp",
};

export function messageName(type: Parcel["type"]): string {
  return NAMES[type];
}

/** The reference's message type of a name; undefined when there is none. */
export function messageTypeOf(name: string): Parcel["type"] | undefined {
  return Object.entries(NAMES).find(([, value]) => value === name)?.[0] as
    Parcel["type"] | undefined;
}

/** What a parcel says in the reference's fields; what is absent is 0 or empty. */
interface Fields {
  readonly term: number;
  readonly logTerm: number;
  readonly index: number;
  readonly reject: boolean;
  readonly rejectHint: number;
  readonly commit: number;
  readonly vote: number;
  readonly entries: readonly (EntryDraft & Partial<Entry>)[];
  readonly snapshot: SnapshotMetadata | undefined;
  readonly responses: readonly Parcel[];
}

const NOTHING: Fields = {
  term: 0,
  logTerm: 0,
  index: 0,
  reject: false,
  rejectHint: 0,
  commit: 0,
  vote: 0,
  entries: [],
  snapshot: undefined,
  responses: [],
};

function fieldsOf(parcel: Parcel): Fields {
  switch (parcel.type) {
    case "storage-append":
      return { ...NOTHING, ...parcel, ...parcel.hardState, snapshot: parcel.snapshot?.metadata };
    case "snapshot":
    case "storage-append-response":
      return { ...NOTHING, ...parcel, snapshot: parcel.snapshot?.metadata };
    case "read-index":
    case "read-index-response":
      return { ...NOTHING, ...parcel, entries: [{ kind: "normal", data: parcel.context }] };
    default:
      return { ...NOTHING, ...parcel };
  }
}

/** A parcel as the reference prints it; further lines are indented by `indent`. */
export function describeMessage(parcel: Parcel, indent = ""): string {
  const { from, to, type } = parcel;
  const fields = fieldsOf(parcel);
  const { term, logTerm, index, rejectHint, commit, vote, snapshot } = fields;
  let text = `${describeTarget(from)}->${describeTarget(to)} ${NAMES[type]} Term:${term} Log:${logTerm}/${index}`;
  if (fields.reject) text += ` Rejected (Hint: ${rejectHint})`;
  if (commit !== 0) text += ` Commit:${commit}`;
  if (vote !== 0) text += ` Vote:${vote}`;
  text += describeEntries(fields.entries.map(describeEntry), indent);
  if (snapshot !== undefined) text += `\n${indent}  Snapshot: ${describeSnapshot(snapshot)}`;
  if (fields.responses.length > 0) {
    const lines = fields.responses.map((response) => describeMessage(response, `${indent}  `));
    text += ` Responses:[${block(lines, indent)}`;
  }
  return text;
}

function describeEntries(lines: readonly string[], indent: string): string {
  if (lines.length === 0) return "";
  return lines.length === 1 ? ` Entries:[${lines.join("")}]` : ` Entries:[${block(lines, indent)}`;
}

function block(lines: readonly string[], indent: string): string {
  return `${lines.map((line) => `\n${indent}  ${line}`).join("")}\n${indent}]`;
}
