/**
 * Which key opens which protocol. Managers hold all keys, workers hold `node`, a machine that joins holds the key of
 * its token.
 */
export const KEY_IDS = {
  /** Manager to manager: Raft, forwarded calls. */
  manager: "manager",
  /** Any member: sessions, gossip, logs. */
  node: "node",
  joinWorker: "join-worker",
  joinManager: "join-manager",
} as const;

export type KeyId = (typeof KEY_IDS)[keyof typeof KEY_IDS];

/** The protocols between nodes, with the keys that may open them. */
export const PROTOCOLS = {
  raft: { name: "raft/1", keys: [KEY_IDS.manager] },
  raftSnapshot: { name: "raft-snapshot/1", keys: [KEY_IDS.manager] },
  managerCalls: { name: "manager/1", keys: [KEY_IDS.manager] },
  session: { name: "session/1", keys: [KEY_IDS.node, KEY_IDS.manager] },
  gossip: { name: "gossip/1", keys: [KEY_IDS.node, KEY_IDS.manager] },
  logs: { name: "logs/1", keys: [KEY_IDS.node, KEY_IDS.manager] },
  join: { name: "join/1", keys: [KEY_IDS.joinWorker, KEY_IDS.joinManager] },
} as const satisfies Record<string, { name: string; keys: readonly KeyId[] }>;

export type ProtocolName = (typeof PROTOCOLS)[keyof typeof PROTOCOLS]["name"];

/** Whether a connection that proved `keyId` may speak `protocol`. */
export function mayOpen(protocol: string, keyId: string): boolean {
  return Object.values(PROTOCOLS).some(
    ({ name, keys }) => name === protocol && keys.some((key) => key === keyId),
  );
}
