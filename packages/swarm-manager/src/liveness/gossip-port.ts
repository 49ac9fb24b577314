/** What the gossip network thinks of a node; `unknown`: it has never heard of it. */
export type GossipState = "alive" | "suspect" | "dead" | "left" | "unknown";

/** The gossip network, as far as liveness needs it. */
export interface GossipPort {
  stateOf(nodeId: string): GossipState;
  /** Calls with the id of a node whose state changed. Returns how to unsubscribe. */
  subscribe(listener: (nodeId: string) => void): () => void;
  /** Probes the node at once, out of turn; the result comes as a change of state. */
  probeNow(nodeId: string): void;
}
