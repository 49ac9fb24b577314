import type { NodeState } from "@waggle/swarm-state";
import type { GossipState } from "./gossip-port.ts";
import type { LivenessOptions } from "./options.ts";

/** All that a leader knows of one node's life. Times are readings of the leader's clock. */
export interface NodeFacts {
  /** What is written down now. */
  readonly state: NodeState;
  /** Whether it ever had a session, under any leader. */
  readonly described: boolean;
  readonly sessionOpen: boolean;
  /** When its newest session was opened; `undefined` if this leader has heard of none. */
  readonly sessionOpenedAtMs: number | undefined;
  /** When its last session ended; `undefined` while one is open, or if this leader has heard of none. */
  readonly sessionLostAtMs: number | undefined;
  /** Its agent said goodbye and has not come back. */
  readonly bye: boolean;
  readonly gossip: GossipState;
  /** When gossip came to think so, or when this leader began to lead. */
  readonly gossipSinceMs: number;
  readonly leadingSinceMs: number;
}

/** `down`: write it down. `keep`: leave the node as it is; decide again at `wakeAtMs` even if no fact changes. */
export type Verdict =
  | { readonly type: "keep"; readonly wakeAtMs: number | undefined }
  | { readonly type: "down"; readonly message: string };

const KEEP: Verdict = { type: "keep", wakeAtMs: undefined };
const SHUT_DOWN = "node shut down";

/**
 * Whether a node is down. Pure. Two witnesses: its session with a manager, and gossip. One that is gone makes a node a
 * suspect; only both together, a goodbye, or a long absence make it down. A node frozen for a moment keeps its session,
 * and gossip takes its suspicion back.
 */
export function decide(facts: NodeFacts, nowMs: number, options: LivenessOptions): Verdict {
  // Down already, or registered and not here yet: only a session changes that.
  if (facts.state === "down" || !facts.described) return KEEP;
  if (facts.bye && !facts.sessionOpen) return { type: "down", message: SHUT_DOWN };
  if ((facts.gossip === "dead" || facts.gossip === "left") && gossipKnowsBetter(facts)) {
    return decideGone(facts, nowMs, options);
  }
  if (facts.sessionOpen) return KEEP;
  return facts.sessionLostAtMs === undefined
    ? decideUnheard(facts, nowMs, options)
    : decideLost(facts, facts.sessionLostAtMs, { nowMs, options });
}

/** A session that was opened after gossip had made up its mind proves gossip wrong: the node cannot be reached by it. */
function gossipKnowsBetter(facts: NodeFacts): boolean {
  return facts.sessionOpenedAtMs === undefined || facts.gossipSinceMs > facts.sessionOpenedAtMs;
}

function decideGone(facts: NodeFacts, nowMs: number, options: LivenessOptions): Verdict {
  const message = facts.gossip === "left" ? SHUT_DOWN : "heartbeat failure: gossip found it dead";
  // A new leader takes over a verdict of unknown age: managers get the time to announce their sessions.
  const inherited =
    facts.sessionOpenedAtMs === undefined && facts.gossipSinceMs === facts.leadingSinceMs;
  if (!inherited) return { type: "down", message };
  return downAt(facts.leadingSinceMs + options.sessionLossGraceMs, nowMs, message);
}

/** This leader has heard of no session. What another leader adopted stays. */
function decideUnheard(facts: NodeFacts, nowMs: number, options: LivenessOptions): Verdict {
  if (facts.gossip === "alive") return KEEP;
  return downAt(
    facts.leadingSinceMs + options.adoptionGraceMs,
    nowMs,
    "heartbeat failure: no session and not seen by gossip",
  );
}

function decideLost(
  { gossip }: NodeFacts,
  lostAtMs: number,
  { nowMs, options }: { readonly nowMs: number; readonly options: LivenessOptions },
): Verdict {
  return gossip === "alive"
    ? downAt(
        lostAtMs + options.sessionAbsenceMs,
        nowMs,
        "heartbeat failure: no session, though seen by gossip",
      )
    : downAt(
        lostAtMs + options.sessionLossGraceMs,
        nowMs,
        "heartbeat failure: session lost and not seen by gossip",
      );
}

function downAt(atMs: number, nowMs: number, message: string): Verdict {
  return nowMs >= atMs ? { type: "down", message } : { type: "keep", wakeAtMs: atMs };
}
