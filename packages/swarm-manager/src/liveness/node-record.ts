import type { Node } from "@waggle/swarm-state";
import type { NodeFacts } from "./decide.ts";
import type { GossipState } from "./gossip-port.ts";
import { SESSIONS_PER_NODE_MAX } from "./limits.ts";

/** What one leader remembers of one node; nothing of it is stored. */
export class NodeRecord {
  /** Manager by session id, oldest first. */
  readonly #sessions = new Map<string, string>();
  #openedAtMs: number | undefined;
  #lostAtMs: number | undefined;
  #bye = false;
  #gossip: GossipState;
  #gossipSinceMs: number;
  /** Cancels the timer for the next decision. */
  cancelTimer: () => void = () => undefined;

  constructor(gossip: GossipState, nowMs: number) {
    this.#gossip = gossip;
    this.#gossipSinceMs = nowMs;
  }

  opened(sessionId: string, managerId: string, nowMs: number): void {
    if (!this.#sessions.has(sessionId)) this.#openedAtMs = nowMs;
    this.#sessions.set(sessionId, managerId);
    this.#lostAtMs = undefined;
    this.#bye = false;
    const oldest = this.#sessions.keys().next().value;
    if (this.#sessions.size > SESSIONS_PER_NODE_MAX && oldest !== undefined) {
      this.#sessions.delete(oldest);
    }
  }

  /** A goodbye counts also for a session that this leader has not heard of, if the node has no other. */
  closed(sessionId: string, reason: "bye" | "lost", nowMs: number): void {
    const known = this.#sessions.delete(sessionId);
    if (this.#sessions.size > 0) return;
    if (reason === "bye") this.#bye = true;
    if (known || reason === "bye") this.#lostAtMs ??= nowMs;
  }

  /** Forgets the sessions at one manager, except those in `still`. */
  closedAt(managerId: string, still: ReadonlySet<string>, nowMs: number): boolean {
    const gone = [...this.#sessions].filter(([id, at]) => at === managerId && !still.has(id));
    for (const [id] of gone) this.closed(id, "lost", nowMs);
    return gone.length > 0;
  }

  heard(gossip: GossipState, nowMs: number): void {
    if (gossip === this.#gossip) return;
    this.#gossip = gossip;
    this.#gossipSinceMs = nowMs;
  }

  facts(node: Node, leadingSinceMs: number): NodeFacts {
    return {
      state: node.status.state,
      described: node.description !== undefined,
      sessionOpen: this.#sessions.size > 0,
      sessionOpenedAtMs: this.#openedAtMs,
      sessionLostAtMs: this.#lostAtMs,
      bye: this.#bye,
      gossip: this.#gossip,
      gossipSinceMs: this.#gossipSinceMs,
      leadingSinceMs,
    };
  }
}
