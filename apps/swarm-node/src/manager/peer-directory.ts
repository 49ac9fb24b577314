import type { SwarmStore } from "@waggle/swarm-state";
import { z } from "zod";
import type { KnownManager } from "../identity/identity-file.ts";

const contextSchema = z.object({ nodeId: z.string().max(64), address: z.string().max(300) });

/** What a change of the Raft group carries along: which node the new member is, and where. */
export function encodeMemberContext(member: Omit<KnownManager, "raftId">): Uint8Array {
  return Buffer.from(JSON.stringify({ nodeId: member.nodeId, address: member.address }));
}

function decodeMemberContext(context: Uint8Array): Omit<KnownManager, "raftId"> | undefined {
  try {
    return contextSchema.parse(JSON.parse(Buffer.from(context).toString("utf8")));
  } catch {
    return undefined;
  }
}

/**
 * Where the members of the Raft group are reached. Members are identities, addresses are facts that change: the store
 * knows the newest, a change of the group tells of members that the store does not know yet, and what was known before a
 * restart serves until then.
 */
export interface PeerDirectory {
  addressOf(raftId: number): string | undefined;
  all(): readonly KnownManager[];
  /** A member was added to the group. */
  memberAdded(raftId: number, context: Uint8Array): void;
  memberRemoved(raftId: number): void;
}

export function createPeerDirectory(
  initial: readonly KnownManager[],
  store: Pick<SwarmStore, "view" | "subscribe">,
  onChange: () => void,
): PeerDirectory {
  const peers = new Map(initial.map((peer) => [peer.raftId, peer]));
  const put = (peer: KnownManager): boolean => {
    const known = peers.get(peer.raftId);
    if (known?.address === peer.address && known.nodeId === peer.nodeId) return false;
    peers.set(peer.raftId, peer);
    return true;
  };
  /**
   * The managers as of the last look at the store. One that is gone from there left the group before that, which a
   * snapshot from the leader does not say. One that was never there may be newer than the store: it stays.
   */
  let stored: ReadonlySet<number> = new Set();
  const readAll = (): boolean => {
    let changed = false;
    const found = new Set<number>();
    for (const node of store.view().list("node")) {
      if (node.manager === undefined) continue;
      found.add(node.manager.raftId);
      changed = put({ nodeId: node.id, ...node.manager }) || changed;
    }
    for (const raftId of stored) {
      if (!found.has(raftId)) changed = peers.delete(raftId) || changed;
    }
    stored = found;
    return changed;
  };
  store.subscribe(({ changes, restored }) => {
    if (!restored && !changes.some(({ object }) => object.kind === "node")) return;
    if (readAll()) onChange();
  });
  readAll();
  return {
    addressOf: (raftId) => peers.get(raftId)?.address,
    all: () => [...peers.values()],
    memberAdded: (raftId, context) => {
      const member = decodeMemberContext(context);
      if (member !== undefined && put({ raftId, ...member })) onChange();
    },
    memberRemoved: (raftId) => {
      if (peers.delete(raftId)) onChange();
    },
  };
}
