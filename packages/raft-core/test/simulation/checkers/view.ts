import type { HardState, NodeId } from "../../../src/index.ts";
import type { Configuration } from "../../../src/membership/configuration.ts";
import type { CoreState } from "../../../src/state.ts";
import { LogMirror } from "./log-mirror.ts";

/** What the checkers know of one member. */
export interface MemberView {
  readonly id: NodeId;
  /** The state of the core while it runs; never changed from here. */
  state: CoreState | undefined;
  /** What the core handed out to be written. */
  readonly written: LogMirror;
  /** What the disk holds for certain, whatever crashes. */
  readonly durable: LogMirror;
  durableHard: Pick<HardState, "term" | "vote">;
  /** How far the state machine is. */
  appIndex: number;
}

/** All members that ever were, by id. */
export type GroupView = Map<NodeId, MemberView>;

export function createView(id: NodeId): MemberView {
  return {
    id,
    state: undefined,
    written: new LogMirror(),
    durable: new LogMirror(),
    durableHard: { term: 0, vote: 0 } as MemberView["durableHard"],
    appIndex: 0,
  };
}

/** True when the log in memory is what was handed out for writing: else it is compared later. */
export function isHandedOut({ log }: CoreState): boolean {
  return !log.hasUnwritten && log.unstable.unwrittenSnapshot === undefined;
}

/** A plain count, apart from the core's own: do the members for whom it holds make a majority of this half? */
function isMajority(voters: ReadonlySet<NodeId>, holds: (id: NodeId) => boolean): boolean {
  let count = 0;
  for (const id of voters) if (holds(id)) count += 1;
  return 2 * count > voters.size;
}

/** The same for both halves; an outgoing half that is empty has no say. */
export function isQuorum(
  { incoming, outgoing }: Configuration,
  holds: (id: NodeId) => boolean,
): boolean {
  if (!isMajority(incoming, holds)) return false;
  return outgoing.size === 0 || isMajority(outgoing, holds);
}
