import { confChangeOf } from "./codec/conf-change.ts";
import { isCodecError } from "./codec/errors.ts";
import type { WireFormat } from "./codec/format.ts";
import type { EntryDraft } from "./entry.ts";
import { RaftError } from "./errors.ts";
import { isMemberId } from "./ids.ts";
import { COUNTER_MAX } from "./limits.ts";
import { confStateFault } from "./membership/restore.ts";
import type {
  AppendMessage,
  AppendResponse,
  Message,
  SnapshotMessage,
  VoteMessage,
} from "./messages.ts";
import { isPriority } from "./options.ts";
import { decodeRound } from "./read-index/round-context.ts";
import type { CoreState } from "./state.ts";

/**
 * Refuses whatever no correct peer sends, before anything is changed. Everything behind this gate may rely on it; what is
 * merely late, repeated or out of order passes. @throws RaftError `invalid-message`.
 */
export function checkMessage(state: CoreState, message: Message): void {
  const fault =
    envelopeFault(state, message) ??
    bodyFault(message, state.options.wireFormat) ??
    stateFault(state, message);
  if (fault === undefined) return;
  const details = { code: "invalid-message", peer: message.from } as const;
  throw new RaftError(details, `${message.type}: ${fault}`);
}

/** Answers count only from members; others, perhaps removed by now, are not even believed their term. */
export function isAnswerOfStranger(state: CoreState, { type, from }: Message): boolean {
  switch (type) {
    case "append-response":
    case "vote-response":
    case "pre-vote-response":
    case "heartbeat-response":
    case "read-index-response":
      return !state.progress.has(from);
    default:
      return false;
  }
}

function counts(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= COUNTER_MAX;
}

function envelopeFault(state: CoreState, message: Message): string | undefined {
  if (message.to !== state.id) return `meant for another node: ${message.to}`;
  if (!isMemberId(message.from)) return `sender is no node: ${message.from}`;
  // A transfer is asked for in the name of the node that is to lead, which may be this one.
  if (message.from === state.id && message.type !== "transfer-leader") return "sent by oneself";
  if (!counts(message.term)) return `term out of range: ${message.term}`;
  const termless = message.type === "propose" || message.type === "read-index";
  return message.term === 0 && !termless && message.type !== "transfer-leader"
    ? "no term"
    : undefined;
}

function bodyFault(message: Message, format: WireFormat): string | undefined {
  switch (message.type) {
    case "append":
      return appendFault(message, format);
    case "append-response":
      return counts(message.rejectHint)
        ? rangeFault(message.index, message.logTerm)
        : `hint out of range: ${message.rejectHint}`;
    case "vote":
    case "pre-vote":
      return voteFault(message);
    case "heartbeat":
      return commitFault(message.commit);
    case "heartbeat-response":
      return decodeRound(message.context) === undefined ? "not a read round" : undefined;
    case "snapshot":
      return snapshotFault(message);
    case "propose":
      return message.entries.length === 0 ? "no entries" : changesFault(message.entries, format);
    case "read-index-response":
      return rangeFault(message.index, 0);
    default:
      return undefined;
  }
}

function voteFault({ index, logTerm, priority }: VoteMessage): string | undefined {
  return isPriority(priority)
    ? positionFault(index, logTerm)
    : `priority out of range: ${priority}`;
}

function positionFault(index: number, term: number): string | undefined {
  const range = rangeFault(index, term);
  if (range !== undefined) return range;
  return (index === 0) === (term === 0)
    ? undefined
    : `index and term do not fit: ${index}, ${term}`;
}

function rangeFault(index: number, term: number): string | undefined {
  return counts(index) && counts(term)
    ? undefined
    : `position out of range: index ${index}, term ${term}`;
}

function commitFault(commit: number): string | undefined {
  return counts(commit) ? undefined : `commit out of range: ${commit}`;
}

function appendFault(message: AppendMessage, format: WireFormat): string | undefined {
  const position = positionFault(message.index, message.logTerm);
  if (position !== undefined) return position;
  const commit = commitFault(message.commit);
  if (commit !== undefined) return commit;
  if (message.logTerm > message.term)
    return `a position of term ${message.logTerm}, newer than its sender's ${message.term}`;
  let { index, logTerm: term }: { index: number; logTerm: number } = message;
  for (const entry of message.entries) {
    if (entry.index !== index + 1 || !counts(entry.index))
      return `entries with a gap: ${entry.index} after ${index}`;
    if (!counts(entry.term) || entry.term < term || entry.term === 0)
      return `terms go back: ${entry.term} after ${term}`;
    index = entry.index;
    term = entry.term;
  }
  if (term > message.term)
    return `an entry of term ${term}, newer than its sender's ${message.term}`;
  return changesFault(message.entries, format);
}

/** What is wrong with entries that hold changes of the members; undefined when nothing is. */
export function changesFault(
  entries: readonly EntryDraft[],
  format: WireFormat,
): string | undefined {
  for (const entry of entries) {
    if (entry.kind === "normal") continue;
    try {
      confChangeOf(entry, format);
    } catch (error) {
      if (isCodecError(error)) return `not a change of the members: ${error.message}`;
      throw error;
    }
  }
  return undefined;
}

function snapshotFault({ snapshot, term }: SnapshotMessage): string | undefined {
  const { metadata } = snapshot;
  const position = positionFault(metadata.index, metadata.term);
  if (position !== undefined) return position;
  if (metadata.index === 0) return "a snapshot of nothing";
  if (metadata.term > term)
    return `a snapshot of term ${metadata.term}, newer than its sender's ${term}`;
  if (metadata.confState.voters.length === 0) return "a snapshot without voters";
  return confStateFault(metadata.confState);
}

/** What is impossible from where this node stands. Messages of older terms are not believed anyway. */
function stateFault(state: CoreState, message: Message): string | undefined {
  if (message.term < state.term) return undefined;
  const leads = state.role === "leader" && message.term === state.term;
  switch (message.type) {
    case "append":
    case "snapshot":
      return leads ? "a second leader in this term" : undefined;
    case "heartbeat":
      if (leads) return "a second leader in this term";
      return message.commit > state.log.lastIndex
        ? `commit beyond what this node holds: ${message.commit}, the last entry is ${state.log.lastIndex}`
        : undefined;
    case "append-response":
      return leads ? acknowledgementFault(state, message) : undefined;
    case "heartbeat-response":
      return leads && (decodeRound(message.context) ?? 0) > state.reads.newest
        ? "a read round that was never sent"
        : undefined;
    default:
      return undefined;
  }
}

function acknowledgementFault(state: CoreState, message: AppendResponse): string | undefined {
  return !message.reject && message.index > state.log.lastIndex
    ? `acknowledges what was never sent: ${message.index}, the last entry is ${state.log.lastIndex}`
    : undefined;
}
