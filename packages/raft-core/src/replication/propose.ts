import { confChangeOf } from "../codec/conf-change.ts";
import type { RaftErrorCode } from "../errors.ts";
import { isRaftError } from "../errors.ts";
import type { EntryDraft } from "../entry.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex } from "../ids.ts";
import { entriesBytes } from "../log/entry-size.ts";
import { changeKind, changed } from "../membership/changer.ts";
import type { ConfChange } from "../membership/change.ts";
import { isJoint } from "../membership/configuration.ts";
import type { CoreState } from "../state.ts";
import type { ChangeObstacle, RaftTrace } from "../trace.ts";
import { appendLocal } from "./append-local.ts";
import { broadcastAppend } from "./send.ts";

/** Why something was not proposed. */
export interface Refusal {
  readonly code: RaftErrorCode;
  readonly why: string;
}

/** The same of a change of the members. */
export interface ChangeRefusal extends Refusal {
  readonly obstacle: ChangeObstacle;
}

/** Why the leader may not propose this change now; undefined when it may. */
export function changeRefusal(state: CoreState, change: ConfChange): ChangeRefusal | undefined {
  const { configuration, pendingChangeIndex: index } = state;
  const { applied } = state.log;
  const joint = isJoint(configuration);
  const leaves = changeKind(change) === "leave-joint";
  const code = "change-in-flight";
  if (index > applied) {
    const why = "an earlier change may not be applied yet";
    return { code, why, obstacle: { kind: "unapplied", index, applied } };
  }
  if (joint && !leaves) {
    const why = "the joint configuration must be left first";
    return { code, why, obstacle: { kind: "joint" } };
  }
  try {
    changed(configuration, change);
    return undefined;
  } catch (error) {
    if (!isRaftError(error)) throw error;
    const { message: why } = error;
    const obstacle: ChangeObstacle =
      !joint && leaves ? { kind: "not-joint" } : { kind: "impossible", why };
    return { code: error.code, why, obstacle };
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
): { readonly code: LeaderDropReason; readonly why: string } | undefined {
  if (!state.progress.has(state.id))
    return { code: "not-a-member", why: "this node was removed from the group" };
  if (state.transferee !== NO_NODE)
    return { code: "transfer-in-progress", why: `leadership goes to ${state.transferee}` };
  const { uncommittedBytes } = state;
  // One proposal is always let in, however large, or it could never be made; so is what the core proposes by itself.
  const limited = uncommittedBytes > 0 && bytes > 0;
  if (limited && uncommittedBytes + bytes > state.options.maxUncommittedBytes)
    return { code: "uncommitted-limit", why: `${uncommittedBytes} bytes wait for their commit` };
  return undefined;
}

/** The leader takes entries, all or none. */
export function proposeLocal(state: CoreState, drafts: readonly EntryDraft[]): Refusal | undefined {
  const bytes = entriesBytes(drafts);
  const refusal = proposalRefusal(state, bytes);
  if (refusal !== undefined) {
    dropProposal(state, refusal.code);
    return refusal;
  }
  state.uncommittedBytes += bytes;
  appendDrafts(state, drafts);
  return undefined;
}

function appendDrafts(state: CoreState, drafts: readonly EntryDraft[]): void {
  const first = state.log.lastIndex + 1;
  const allowed = drafts.map((draft, at) => allowedDraft(state, draft, (first + at) as LogIndex));
  appendLocal(state, allowed);
  broadcastAppend(state);
}

/** A change that may not be made now becomes an empty entry: who forwarded it sees that nothing happened. */
function allowedDraft(state: CoreState, draft: EntryDraft, index: LogIndex): EntryDraft {
  const change = confChangeOf(draft);
  if (change === undefined) return draft;
  const { confState, options } = state;
  const refusal = options.validateChanges ? changeRefusal(state, change) : undefined;
  if (refusal === undefined) {
    state.pendingChangeIndex = index;
    return draft;
  }
  const { obstacle } = refusal;
  options.trace?.({ type: "change-refused", change, confState, obstacle });
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
  else dropProposal(state, refusal.code);
  const outcome = refusal === undefined ? "proposed" : "dropped";
  options.trace?.({ type: "auto-leave", confState, outcome });
}
