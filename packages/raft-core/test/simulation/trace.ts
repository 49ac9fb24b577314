import type { Message, NodeId, Ready } from "../../src/index.ts";

type Trace = (who: NodeId, text: string) => void;

/** A message as a line of text. */
export function describe(message: Message): string {
  const { type, to, term } = message;
  switch (message.type) {
    case "append":
      return `append to ${to} term ${term} after ${message.index}:${message.logTerm} +${message.entries.length} commit ${message.commit}`;
    case "append-response":
      return `append-response to ${to} term ${term} ${message.reject ? "refuses" : "holds"} ${message.index}`;
    case "heartbeat":
      return `heartbeat to ${to} term ${term} commit ${message.commit} round ${message.context.join(".")}`;
    case "snapshot":
      return `snapshot to ${to} term ${term} of ${message.snapshot.metadata.index}`;
    case "vote-response":
    case "pre-vote-response":
      return `${type} to ${to} term ${term} ${message.reject ? "no" : "yes"}`;
    default:
      return `${type} to ${to} term ${term}`;
  }
}

/** What a member is given to do. */
export function traceReady(trace: Trace, id: NodeId, ready: Ready): void {
  const { softState, hardState, snapshot, entries, committedEntries } = ready;
  if (softState !== undefined) trace(id, `${softState.role}, leader ${softState.leader}`);
  if (hardState !== undefined) trace(id, `hard state ${JSON.stringify(hardState)}`);
  if (snapshot !== undefined) trace(id, `restores ${snapshot.metadata.index}`);
  for (const { index, term, kind } of entries) trace(id, `writes ${index}:${term} ${kind}`);
  const last = committedEntries.at(-1);
  if (last !== undefined) trace(id, `applies up to ${last.index}`);
}
