import type { NodeId, Term } from "../ids.ts";
import { COUNTER_MAX } from "../limits.ts";
import { votersOf } from "../membership/configuration.ts";
import { envelope, send } from "../outbox.ts";
import { becomeCandidate, becomePreCandidate } from "../roles/transitions.ts";
import { isPromotable } from "../state.ts";
import type { CoreState } from "../state.ts";
import type { RaftTrace } from "../trace.ts";

/** `pre`: ask first; `plain`: a real election; `transfer`: one that the leader wants, against which leases do not hold. */
export type CampaignKind = "pre" | "plain" | "transfer";

/** Starts an election, if this node may. */
export function startElection(state: CoreState, kind: CampaignKind): void {
  const reason = obstacleToCampaign(state);
  const { term } = state;
  if (reason !== undefined) {
    state.options.trace?.({ type: "campaign-refused", reason, term });
    return;
  }
  state.options.trace?.({ type: "campaign-started", term });
  campaign(state, kind);
}

type Obstacle = Extract<RaftTrace, { readonly type: "campaign-refused" }>["reason"];

/** Why this node may not campaign now; undefined when it may. */
export function obstacleToCampaign(state: CoreState): Obstacle | undefined {
  if (state.role === "leader") return "already-leader";
  if (!isPromotable(state)) return "not-promotable";
  if (state.term >= COUNTER_MAX) return "terms-exhausted";
  // Who the voters are is known only once such an entry is applied.
  if (state.log.hasUnappliedChange()) return "pending-change";
  return undefined;
}

/** Asks all voters. The own vote is counted like any other, once it is durable. */
export function campaign(state: CoreState, kind: CampaignKind): void {
  if (kind === "pre") becomePreCandidate(state);
  else becomeCandidate(state);
  const term = (kind === "pre" ? state.term + 1 : state.term) as Term;
  for (const id of votersOf(state.configuration)) {
    if (id === state.id) voteForSelf(state, term, kind);
    else askVote(state, id, { term, kind });
  }
}

function voteForSelf(state: CoreState, term: Term, kind: CampaignKind): void {
  const type = kind === "pre" ? "pre-vote-response" : "vote-response";
  send(state, { from: state.id, to: state.id, term, type, reject: false });
}

function askVote(
  state: CoreState,
  to: NodeId,
  { term, kind }: { readonly term: Term; readonly kind: CampaignKind },
): void {
  const { lastIndex, lastTerm } = state.log;
  const pre = kind === "pre";
  send(state, {
    ...envelope(state, to),
    term,
    type: pre ? "pre-vote" : "vote",
    index: lastIndex,
    logTerm: lastTerm,
    transfer: kind === "transfer",
    priority: state.priority,
  });
  state.options.trace?.({ type: "vote-requested", to, pre, term: state.term, lastIndex, lastTerm });
}
