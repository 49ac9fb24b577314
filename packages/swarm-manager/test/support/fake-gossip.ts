import type { GossipPort, GossipState } from "../../src/index.ts";

/** A gossip network that thinks what it is told. */
export interface FakeGossip extends GossipPort {
  say(nodeId: string, state: GossipState): void;
  readonly probed: readonly string[];
  readonly listeners: number;
}

export function createFakeGossip(initially: GossipState = "alive"): FakeGossip {
  const states = new Map<string, GossipState>();
  const listeners = new Set<(nodeId: string) => void>();
  const probed: string[] = [];
  return {
    probed,
    get listeners() {
      return listeners.size;
    },
    stateOf: (nodeId) => states.get(nodeId) ?? initially,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    probeNow: (nodeId) => probed.push(nodeId),
    say: (nodeId, state) => {
      states.set(nodeId, state);
      for (const listener of listeners) listener(nodeId);
    },
  };
}
