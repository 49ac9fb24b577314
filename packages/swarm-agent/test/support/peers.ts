import { id } from "./tasks.ts";
import type { ManagerPeer } from "@waggle/swarm-state";

export function peer(nodeId: string): ManagerPeer {
  return { nodeId: id(nodeId), address: `${nodeId}.example:7946` };
}
