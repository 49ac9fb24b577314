import { confChangeOf } from "../codec/conf-change.ts";
import type { RaftErrorCode } from "../errors.ts";
import { isRaftError } from "../errors.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex } from "../ids.ts";
import { entriesBytes } from "../log/entry-size.ts";
import { changeKind, changed } from "../membership/changer.ts";
import type { ConfChange } from "../membership/change.ts";
import { isJoint } from "../membership/configuration.ts";
import type { CoreState } from "../state.ts";
import { appendLocal } from "./append-local.ts";
import type { Draft } from "./append-local.ts";
import { broadcastAppend } from "./send.ts";

/** Why something was not proposed. */
export interface Refusal {
  readonly code: RaftErrorCode;
  readonly why: string;
}

/** Why the leader may not propose this change now; undefined when it may. */
export function changeRefusal(state: CoreState, change: ConfChange): Refusal | undefined {
  if (state.pendingChangeIndex > state.log.applied)
    return { code: "change-in-flight", why: "an earlier change may not be applied yet" };
  const leaves = changeKind(change) === "leave-joint";
  if (isJoint(state.configuration) && !leaves)
    return { code: "change-in-flight", why: "the joint configuration must be left first" };
  try {
    changed(state.configuration, change);
    return undefined;
  } catch (error) {
    if (isRaftError(error)) return { code: error.code, why: error.message };
    throw error;
  }
}

/** Why the leader takes no proposal of this size now; undefined when it does. Nothing is changed. */
export function proposalRefusal(state: CoreState, bytes: number): Refusal | undefined {
  if (!state.progress.has(state.id))
    return { code: "not-a-member", why: "this node was removed from the group" };
  if (state.transferee !== NO_NODE)
    return { code: "transfer-in-progress", why: `leadership goes to ${state.transferee}` };
  const { uncommittedBytes } = state;
  // One proposal is always let in, however large, or it could never be made.
  if (uncommittedBytes > 0 && uncommittedBytes + bytes > state.options.maxUncommittedBytes)
    return { code: "uncommitted-limit", why: `${uncommittedBytes} bytes wait for their commit` };
  return undefined;
}

/** The leader takes entries, all or none. */
export function proposeLocal(state: CoreState, drafts: readonly Draft[]): Refusal | undefined {
  const bytes = entriesBytes(drafts);
  const refusal = proposalRefusal(state, bytes);
  if (refusal !== undefined) return refusal;
  state.uncommittedBytes += bytes;
  appendDrafts(state, drafts);
  return undefined;
}

function appendDrafts(state: CoreState, drafts: readonly Draft[]): void {
  const first = state.log.lastIndex + 1;
  const allowed = drafts.map((draft, at) => allowedDraft(state, draft, (first + at) as LogIndex));
  appendLocal(state, allowed);
  broadcastAppend(state);
}

/** A change that may not be made now becomes an empty entry: who forwarded it sees that nothing happened. */
function allowedDraft(state: CoreState, draft: Draft, index: LogIndex): Draft {
  const change = confChangeOf(draft);
  if (change === undefined) return draft;
  const refusal = changeRefusal(state, change);
  if (refusal === undefined) {
    state.pendingChangeIndex = index;
    return draft;
  }
  state.options.trace({ type: "ignored", what: "conf-change", why: refusal.why });
  return { kind: "normal", data: new Uint8Array(0) };
}

/** Leaves a joint configuration that was entered by a change which asked for that; tried on each apply. */
export function proposeAutoLeave(state: CoreState): void {
  if (state.role !== "leader" || !state.configuration.autoLeave) return;
  if (state.log.applied < state.pendingChangeIndex || proposalRefusal(state, 0) !== undefined)
    return;
  appendDrafts(state, [{ kind: "conf-change-v2", data: new Uint8Array(0) }]);
}
