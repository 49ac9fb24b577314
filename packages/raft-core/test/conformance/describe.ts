import type {
  ConfState,
  Entry,
  EntryDraft,
  HardState,
  NodeId,
  PeerStatus,
  Role,
  SnapshotMetadata,
} from "../../src/index.ts";
import { APPEND_THREAD, APPLY_THREAD, NO_NODE } from "../../src/index.ts";
import { confChangeOf } from "../../src/codec/conf-change.ts";
import { describeChanges } from "./conf-change-text.ts";
import { quote } from "./quote.ts";

export const ROLES: Readonly<Record<Role, string>> = {
  follower: "StateFollower",
  "pre-candidate": "StatePreCandidate",
  candidate: "StateCandidate",
  leader: "StateLeader",
};

const PROGRESS: Readonly<Record<PeerStatus["state"], string>> = {
  probe: "StateProbe",
  replicate: "StateReplicate",
  snapshot: "StateSnapshot",
};

const ENTRY_KINDS: Readonly<Record<Entry["kind"], string>> = {
  normal: "EntryNormal",
  "conf-change": "EntryConfChange",
  "conf-change-v2": "EntryConfChangeV2",
};

/** Ids in log lines are hexadecimal. */
export function hex(id: number): string {
  return id.toString(16);
}

/** Sender or receiver of a message. */
export function describeTarget(id: NodeId): string {
  switch (id) {
    case NO_NODE:
      return "None";
    case APPEND_THREAD:
      return "AppendThread";
    case APPLY_THREAD:
      return "ApplyThread";
    default:
      return hex(id);
  }
}

function idList(ids: readonly NodeId[]): string {
  return `(${ids.map(hex).join(" ")})`;
}

/** The members as in log lines: `voters=(1 2)&&(1) learners=(3) autoleave`. */
export function describeConfiguration(state: ConfState): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = state;
  const outgoing = votersOutgoing.length > 0 ? `&&${idList(votersOutgoing)}` : "";
  const parts = [`voters=${idList(voters)}${outgoing}`];
  if (learners.length > 0) parts.push(`learners=${idList(learners)}`);
  if (learnersNext.length > 0) parts.push(`learners_next=${idList(learnersNext)}`);
  if (autoLeave) parts.push("autoleave");
  return parts.join(" ");
}

function describeConfState(state: ConfState): string {
  const list = (ids: readonly NodeId[]): string => `[${ids.join(" ")}]`;
  return [
    `Voters:${list(state.voters)}`,
    `VotersOutgoing:${list(state.votersOutgoing)}`,
    `Learners:${list(state.learners)}`,
    `LearnersNext:${list(state.learnersNext)}`,
    `AutoLeave:${state.autoLeave}`,
  ].join(" ");
}

export function describeSnapshot({ index, term, confState }: SnapshotMetadata): string {
  return `Index:${index} Term:${term} ConfState:${describeConfState(confState)}`;
}

/** An entry, or one that has no place in a log yet. */
export function describeEntry(entry: EntryDraft & Partial<Entry>): string {
  const { kind, term = 0, index = 0, data } = entry;
  const change = confChangeOf(entry);
  const text = change === undefined ? quote(data) : describeChanges(change.changes);
  return `${term}/${index} ${ENTRY_KINDS[kind]}${text === "" ? "" : ` ${text}`}`;
}

export function describeHardState({ term, vote, commit }: HardState): string {
  return `Term:${term}${vote === NO_NODE ? "" : ` Vote:${vote}`} Commit:${commit}`;
}

/** Where a peer stands. */
export function describePeer(peer: PeerStatus): string {
  const parts = [`${PROGRESS[peer.state]} match=${peer.match} next=${peer.next}`];
  if (peer.learner) parts.push("learner");
  if (peer.paused) parts.push("paused");
  if (peer.pendingSnapshot > 0) parts.push(`pendingSnap=${peer.pendingSnapshot}`);
  if (!peer.recentlyActive) parts.push("inactive");
  if (peer.inflightAppends > 0)
    parts.push(`inflight=${peer.inflightAppends}${peer.inflightFull ? "[full]" : ""}`);
  return parts.join(" ");
}
