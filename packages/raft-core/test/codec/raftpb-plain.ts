import type { Entry, EntryDraft, Message, Snapshot } from "../../src/index.ts";

const TYPES: readonly (Message["type"] | undefined)[] = [
  ...[undefined, undefined, "propose", "append", "append-response", "vote", "vote-response"],
  ...["snapshot", "heartbeat", "heartbeat-response", undefined, undefined, undefined],
  ...["transfer-leader", "timeout-now", "read-index", "read-index-response", "pre-vote"],
  "pre-vote-response",
] as never;
const KINDS = ["normal", "conf-change", "conf-change-v2"];
const TRANSFER = Buffer.from("CampaignTransfer");

/** Bytes are there unless they are empty. */
function present(name: string, data: Uint8Array): object {
  return data.byteLength === 0 ? {} : { [name]: data };
}

/** An entry as an object of raftpb. `full`: with all numbers. */
export function plainEntry(entry: EntryDraft & Partial<Entry>, full: boolean): object {
  const { kind, term, index, data } = entry;
  return {
    ...(full ? { type: 0, term: 0, index: 0 } : {}),
    ...(kind === "normal" ? {} : { type: KINDS.indexOf(kind) }),
    ...(term === undefined ? {} : { term }),
    ...(index === undefined ? {} : { index }),
    ...present("data", data),
  };
}

export function plainSnapshot({ data, metadata }: Snapshot): object {
  return { ...present("data", data), metadata };
}

const ZEROS = { term: 0, logTerm: 0, index: 0, commit: 0, reject: false, rejectHint: 0, vote: 0 };

/** A message as an object of raftpb: the fields that the standard profile writes, or all numbers. */
export function plainMessage(message: Message, full: boolean): object {
  const { to, from, term } = message;
  return {
    ...(full ? ZEROS : {}),
    type: TYPES.indexOf(message.type),
    to,
    from,
    ...(term === 0 ? {} : { term }),
    ...plainBody(message, full),
  };
}

function plainBody(message: Message, full: boolean): object {
  switch (message.type) {
    case "append": {
      const { logTerm, index, entries, commit } = message;
      const plain = entries.map((entry) => plainEntry(entry, full));
      return { logTerm, index, ...(plain.length === 0 ? {} : { entries: plain }), commit };
    }
    case "append-response": {
      const { reject, logTerm, index, rejectHint } = message;
      return reject ? { logTerm, index, reject, rejectHint } : index === 0 ? {} : { index };
    }
    case "vote":
    case "pre-vote": {
      const { logTerm, index, transfer, priority } = message;
      const context = transfer ? { context: TRANSFER } : {};
      return { logTerm, index, ...context, ...(priority === 0 ? {} : { priority }) };
    }
    case "vote-response":
    case "pre-vote-response":
      return message.reject ? { reject: true } : {};
    case "heartbeat":
      return { commit: message.commit, ...present("context", message.context) };
    case "heartbeat-response":
      return present("context", message.context);
    case "snapshot":
      return { snapshot: plainSnapshot(message.snapshot) };
    case "propose":
      return message.entries.length === 0
        ? {}
        : { entries: message.entries.map((entry) => plainEntry(entry, full)) };
    case "read-index":
      return { entries: [plainEntry({ kind: "normal", data: message.context }, full)] };
    case "read-index-response":
      return {
        index: message.index,
        entries: [plainEntry({ kind: "normal", data: message.context }, full)],
      };
    case "timeout-now":
    case "transfer-leader":
      return {};
  }
}
