import { confChangeOf } from "../codec/conf-change.ts";
import { RaftError, isRaftError } from "../errors.ts";
import type { RaftErrorDetails } from "../errors.ts";
import type { EntryDraft } from "../entry.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex } from "../ids.ts";
import { InvariantError } from "../internal/assert.ts";
import { entriesBytes } from "../log/entry-size.ts";
import { changed } from "../membership/changer.ts";
import type { ConfChange } from "../membership/change.ts";
import { isJoint } from "../membership/configuration.ts";
import type { CoreState } from "../state.ts";
import type { ChangeObstacle, RaftTrace } from "../trace.ts";
import { appendLocal } from "./append-local.ts";
import { broadcastAppend } from "./send.ts";

/** Why something was not proposed. */
export interface Refusal {
  readonly details: RaftErrorDetails;
  readonly why: string;
}

/** Why the leader may not propose this change now; undefined when it may. */
export function changeRefusal(state: CoreState, change: ConfChange): RaftError | undefined {
  const { configuration, pendingChangeIndex: index } = state;
  const { applied } = state.log;
  if (index > applied) {
    const details = { code: "change-in-flight", index, applied } as const;
    return new RaftError(
      details,
      `an earlier change may stand up to entry ${index}, applied is ${applied}`,
    );
  }
  // Whatever its transition: it would enter a state of two equal halves.
  if (!isJoint(configuration) && change.changes.length === 0)
    return new RaftError({ code: "not-joint" }, "there is no joint configuration to leave");
  try {
    changed(configuration, change);
    return undefined;
  } catch (error) {
    if (isRaftError(error)) return error;
    throw error;
  }
}

function obstacleOf({ details }: RaftError): ChangeObstacle {
  switch (details.code) {
    case "change-in-flight":
      return { kind: "unapplied", index: details.index, applied: details.applied };
    case "joint-configuration":
      return { kind: "joint" };
    case "not-joint":
      return { kind: "not-joint" };
    case "unsupported-change":
      return { kind: "unsupported", reason: details.reason };
    default:
      throw new InvariantError(`a change was refused with ${details.code}`);
  }
}

/** Notes that a proposal goes nowhere. */
export function dropProposal(
  { options, term, leader, transferee }: CoreState,
  reason: DropReason,
): void {
  options.trace?.({ type: "proposal-dropped", reason, term, leader, transferee });
}

type DropReason = Extract<RaftTrace, { readonly type: "proposal-dropped" }>["reason"];
type LeaderDropReason = Extract<
  DropReason,
  "not-a-member" | "transfer-in-progress" | "uncommitted-limit"
>;

/** Why the leader takes no proposal of this size now; undefined when it does. Nothing is changed. */
function proposalRefusal(
  state: CoreState,
  bytes: number,
): (Refusal & { readonly details: { readonly code: LeaderDropReason } }) | undefined {
  const { progress, id, transferee, uncommittedBytes: waitingBytes } = state;
  const { maxUncommittedBytes: maxBytes } = state.options;
  if (!progress.has(id))
    return { details: { code: "not-a-member" }, why: "this node was removed from the group" };
  if (transferee !== NO_NODE)
    return {
      details: { code: "transfer-in-progress", transferee },
      why: `leadership goes to ${transferee}`,
    };
  // One proposal is always let in, however large, or it could never be made; so is what the core proposes by itself.
  const limited = waitingBytes > 0 && bytes > 0;
  if (limited && waitingBytes + bytes > maxBytes)
    return {
      details: { code: "uncommitted-limit", bytes, waitingBytes, maxBytes },
      why: `${bytes} bytes on top of ${waitingBytes} that wait for their commit, at most ${maxBytes}`,
    };
  return undefined;
}

/** The leader takes entries, all or none. */
export function proposeLocal(state: CoreState, drafts: readonly EntryDraft[]): Refusal | undefined {
  const refusal = proposalRefusal(state, entriesBytes(drafts));
  if (refusal !== undefined) {
    dropProposal(state, refusal.details.code);
    return refusal;
  }
  // What takes the place of a refused change is smaller: only that is subtracted again when it is applied.
  state.uncommittedBytes += entriesBytes(appendDrafts(state, drafts));
  return undefined;
}

/** Returns what was appended. */
function appendDrafts(state: CoreState, drafts: readonly EntryDraft[]): readonly EntryDraft[] {
  const first = state.log.lastIndex + 1;
  const allowed = drafts.map((draft, at) => allowedDraft(state, draft, (first + at) as LogIndex));
  appendLocal(state, allowed);
  broadcastAppend(state);
  return allowed;
}

/** A change that may not be made now becomes an empty entry: who forwarded it sees that nothing happened. */
function allowedDraft(state: CoreState, draft: EntryDraft, index: LogIndex): EntryDraft {
  const change = confChangeOf(draft, state.options.wireFormat);
  if (change === undefined) return draft;
  const { confState, options } = state;
  const refusal = options.validateChanges ? changeRefusal(state, change) : undefined;
  if (refusal === undefined) {
    state.pendingChangeIndex = index;
    return draft;
  }
  options.trace?.({ type: "change-refused", change, confState, obstacle: obstacleOf(refusal) });
  return { kind: "normal", data: new Uint8Array(0) };
}

/** Leaves a joint configuration that was entered by a change which asked for that; tried on each apply. */
export function proposeAutoLeave(state: CoreState): void {
  if (state.role !== "leader" || !state.configuration.autoLeave) return;
  if (state.log.applied < state.pendingChangeIndex) return;
  const { confState, options } = state;
  const refusal = proposalRefusal(state, 0);
  if (refusal === undefined)
    appendDrafts(state, [{ kind: "conf-change-v2", data: new Uint8Array(0) }]);
  else dropProposal(state, refusal.details.code);
  const outcome = refusal === undefined ? "proposed" : "dropped";
  options.trace?.({ type: "auto-leave", confState, outcome });
}
