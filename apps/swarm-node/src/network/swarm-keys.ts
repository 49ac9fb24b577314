import { deriveKey, joinKey } from "@waggle/swarm-identity";
import type { PreSharedKey } from "@waggle/transport/sealed";
import { KEY_IDS } from "./keys.ts";

/** What a worker holds: the key of all members. */
export function workerKeys(nodeKey: Uint8Array): readonly PreSharedKey[] {
  return [{ id: KEY_IDS.node, secret: nodeKey }];
}

/** What a manager holds: the keys that come from the swarm's secret, and those of the present join tokens. */
export function managerKeys(
  swarmSecret: Uint8Array,
  joinSecrets: { readonly worker: string; readonly manager: string } | undefined,
): readonly PreSharedKey[] {
  const own = [
    { id: KEY_IDS.node, secret: nodeKeyOf(swarmSecret) },
    { id: KEY_IDS.manager, secret: deriveKey(swarmSecret, "manager") },
  ];
  if (joinSecrets === undefined) return own;
  return [
    ...own,
    { id: KEY_IDS.joinWorker, secret: joinKey(joinSecrets.worker) },
    { id: KEY_IDS.joinManager, secret: joinKey(joinSecrets.manager) },
  ];
}

/** The key that every member holds. It comes from the secret, and does not give it away. */
export function nodeKeyOf(swarmSecret: Uint8Array): Uint8Array {
  return deriveKey(swarmSecret, "node");
}
