import { confChangeOf } from "../../src/codec/index.ts";
import type { ConfState, Entry, NodeId, RaftCore, Snapshot } from "../../src/index.ts";
import { isRaftError } from "../../src/index.ts";
import { Violation } from "./checkers/violation.ts";
import { count } from "./coverage.ts";
import { hashBytes, hashNumber, hashText } from "./hash.ts";
import type { World } from "./world.ts";

/** The replicated state: a hash of all that was applied, and the members. */
export interface AppState {
  readonly index: number;
  readonly hash: number;
  readonly confState: ConfState | undefined;
}

export const EMPTY_APP: AppState = { index: 0, hash: 1, confState: undefined };

/** The state after one more entry; a change of the members takes effect in the core. */
export function applyEntry(world: World, core: RaftCore, app: AppState, entry: Entry): AppState {
  const { index, term, data } = entry;
  if (index !== app.index + 1)
    throw new Violation(`${core.id} applies ${index} after ${app.index}`);
  const change = confChangeOf(entry);
  const hash = hashBytes(hashNumber(hashNumber(app.hash, index), term), data);
  if (change === undefined) return { index, hash, confState: app.confState };
  const confState = changed(core, change, index);
  if (app.confState !== undefined) countChange(world, core, app.confState, confState);
  for (const id of membersIn(confState)) world.everMembers.add(id);
  world.trace?.(core.id, `members after ${index}: ${JSON.stringify(confState)}`);
  return { index, hash: hashText(hash, JSON.stringify(confState)), confState };
}

/** A change was checked when it was proposed, and no other came between: it cannot fail. */
function changed(
  core: RaftCore,
  change: Parameters<RaftCore["applyConfChange"]>[0],
  index: number,
): ConfState {
  try {
    return core.applyConfChange(change);
  } catch (error) {
    if (!isRaftError(error)) throw error;
    throw new Violation(`configuration: ${core.id} cannot apply ${index}: ${error.message}`);
  }
}

function countChange(
  { coverage, everMembers }: World,
  core: RaftCore,
  before: ConfState,
  after: ConfState,
): void {
  const { id } = core;
  const [old, now] = [membersIn(before), membersIn(after)];
  if (before.votersOutgoing.length === 0 && after.votersOutgoing.length > 0)
    count(coverage, "joint entered");
  if (before.votersOutgoing.length > 0 && after.votersOutgoing.length === 0)
    count(coverage, before.autoLeave ? "joint left" : "joint left explicitly");
  for (const node of now)
    if (!old.has(node)) {
      count(coverage, after.learners.includes(node) ? "learner added" : "member added");
      if (everMembers.has(node)) count(coverage, "member added again");
    } else if (before.learners.includes(node) && after.voters.includes(node))
      count(coverage, "learner promoted");
  for (const node of old) if (!now.has(node)) count(coverage, "member removed");
  const demoted = [...before.voters, ...before.votersOutgoing].some(
    (node) => after.learners.includes(node) || after.learnersNext.includes(node),
  );
  if (demoted) count(coverage, "voter demoted");
  if (old.has(id) && !now.has(id) && core.status().leader === id) count(coverage, "leader removed");
}

/** What a snapshot carries, and back. */
export function encodeApp({ hash }: AppState): Uint8Array {
  const data = new Uint8Array(4);
  new DataView(data.buffer).setUint32(0, hash);
  return data;
}

export function decodeApp({ metadata, data }: Snapshot): AppState {
  const hash = new DataView(data.buffer, data.byteOffset).getUint32(0);
  return { index: metadata.index, hash, confState: metadata.confState };
}

/** All who take part in a configuration. */
export function membersIn(state: ConfState): Set<NodeId> {
  return new Set([
    ...state.voters,
    ...state.votersOutgoing,
    ...state.learners,
    ...state.learnersNext,
  ]);
}
