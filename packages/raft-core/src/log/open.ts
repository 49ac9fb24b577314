import type { Entry } from "../entry.ts";
import { RaftOptionsError } from "../errors.ts";
import { NO_NODE } from "../ids.ts";
import type { LogIndex, NodeId, Term } from "../ids.ts";
import { COUNTER_MAX } from "../limits.ts";
import { confStateFault } from "../membership/restore.ts";
import type { InitialState } from "../raft.ts";
import { RaftLog } from "./raft-log.ts";
import type { Anchor, LogSettings } from "./raft-log.ts";

function damaged(why: string): RaftOptionsError {
  return new RaftOptionsError("invalid-initial-state", "initial", why);
}

const START: Anchor = { index: 0 as LogIndex, term: 0 as Term };

function counts(value: number, minimum: number): boolean {
  return Number.isSafeInteger(value) && value >= minimum && value <= COUNTER_MAX;
}

function checkParts({ hardState, snapshot, entries }: InitialState): void {
  if (snapshot !== undefined) {
    const fault = confStateFault(snapshot.confState);
    if (fault !== undefined) throw damaged(`snapshot: ${fault}`);
    if (snapshot.confState.voters.length === 0) throw damaged("snapshot: no voters");
    if (!counts(snapshot.index, 1) || !counts(snapshot.term, 1))
      throw damaged(`snapshot: index ${snapshot.index}, term ${snapshot.term} out of range`);
  }
  if (hardState !== undefined) {
    const { term, vote, commit } = hardState;
    if (!counts(term, 0) || !counts(commit, 0))
      throw damaged(`hard state: term ${term}, commit ${commit} out of range`);
    if (!Number.isSafeInteger(vote) || vote < 0)
      throw damaged(`hard state: vote ${vote} is no node`);
  }
  let previous: Entry | undefined;
  for (const entry of entries) {
    const { index, term } = entry;
    if (!counts(index, 1) || !counts(term, 1))
      throw damaged(`entry: index ${index}, term ${term} out of range`);
    if (previous !== undefined && index !== previous.index + 1)
      throw damaged(`a gap: entry ${index} after ${previous.index}`);
    if (previous !== undefined && term < previous.term)
      throw damaged(`terms go back: ${term} at entry ${index} after ${previous.term}`);
    previous = entry;
  }
}

/** Where the log in memory begins, and which of the stored entries belong to it. */
function splitAtAnchor({ snapshot, entries }: InitialState): {
  anchor: Anchor;
  rest: readonly Entry[];
} {
  const base: Anchor = snapshot ?? START;
  const first = entries[0];
  if (first === undefined) return { anchor: base, rest: [] };
  if (first.index > base.index + 1)
    throw damaged(`entries missing between snapshot ${base.index} and entry ${first.index}`);
  if (first.index === base.index + 1) return { anchor: base, rest: entries };
  // The snapshot lies inside the stored entries: keep the margin when both agree, else the snapshot replaced them.
  const same = entries[base.index - first.index];
  if (same?.term !== base.term) return { anchor: base, rest: [] };
  return { anchor: { index: first.index, term: first.term }, rest: entries.slice(1) };
}

/** Opens the stored log. @throws RaftOptionsError `invalid-initial-state` when the parts contradict each other. */
export function openLog(
  initial: InitialState,
  applied: LogIndex | undefined,
  settings: LogSettings = {},
): RaftLog {
  checkParts(initial);
  const { anchor, rest } = splitAtAnchor(initial);
  const base = initial.snapshot?.index ?? START.index;
  const last = rest.at(-1) ?? anchor;
  const start = applied ?? base;
  if (start < base || start > last.index)
    throw new RaftOptionsError(
      "invalid-option",
      "applied",
      `${start} is not between the snapshot at ${base} and the last entry ${last.index}`,
    );
  // What was applied is committed, even if the store lost the commit index, which it need not sync.
  const committed = Math.max(base, initial.hardState?.commit ?? 0, start) as LogIndex;
  if (committed > last.index)
    throw damaged(`commit ${committed} beyond the last entry ${last.index}`);
  return new RaftLog({
    anchor,
    entries: rest,
    snapshot: initial.snapshot,
    committed,
    applied: start,
    ...settings,
  });
}

/**
 * The term and vote to start from. Entries may be newer than the hard state when a crash tore the write of both apart:
 * no promise was made in their term then, so it begins without a vote. A snapshot may be newer, too, most of all one from
 * which a group starts: the first election after it must not fall behind its term.
 */
export function openVote(
  { hardState }: InitialState,
  log: RaftLog,
): { readonly term: Term; readonly vote: NodeId } {
  const term = hardState?.term ?? START.term;
  const { lastTerm } = log;
  const least = log.lastIndex >= log.firstIndex ? lastTerm : Math.max(0, lastTerm - 1);
  return least > term
    ? { term: least as Term, vote: NO_NODE }
    : { term, vote: hardState?.vote ?? NO_NODE };
}
