import type { Ready, ReadState } from "../../../src/index.ts";
import { ROLES, describeEntry, describeHardState, describeSnapshot } from "../describe.ts";
import { describeMessage } from "./describe-message.ts";
import type { Parcel } from "./describe-message.ts";

function describeReads(reads: readonly ReadState[]): string {
  return reads.map(({ index, context }) => `{${index} [${context.join(" ")}]}`).join(" ");
}

/** A Ready as the reference prints it, with its messages in the reference's order. */
export function describeReady(
  ready: Ready,
  messages: readonly Parcel[],
  mustSync: boolean,
): string {
  const { softState, hardState, snapshot, entries, committedEntries, readStates } = ready;
  const lines: string[] = [];
  const list = (title: string, items: readonly string[]): void => {
    if (items.length > 0) lines.push(title, ...items);
  };
  if (softState !== undefined)
    lines.push(`Lead:${softState.leader} State:${ROLES[softState.role]}`);
  if (hardState !== undefined && hardState.term + hardState.vote + hardState.commit > 0)
    lines.push(`HardState ${describeHardState(hardState)}`);
  if (readStates.length > 0) lines.push(`ReadStates [${describeReads(readStates)}]`);
  list("Entries:", entries.map(describeEntry));
  if (snapshot !== undefined) lines.push(`Snapshot ${describeSnapshot(snapshot.metadata)}`);
  list("CommittedEntries:", committedEntries.map(describeEntry));
  list(
    "Messages:",
    messages.map((message) => describeMessage(message)),
  );
  if (lines.length === 0) return "<empty Ready>";
  return `Ready MustSync=${mustSync}:\n${lines.map((line) => `${line}\n`).join("")}`;
}
