// Three members in one process, over TCP, each with its own directory. Run it with
//
//     node --conditions=@waggle/source examples/three-members.ts
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  createRaftNode,
  nodeId,
  type NodeId,
  type RaftNode,
  type StateMachine,
} from "@waggle/raft";
import { openFileStore } from "@waggle/raft-storage/file";
import type { Address } from "@waggle/transport";
import { createNodeTransport } from "@waggle/transport/node";

/** Adds up the numbers that are proposed. */
function createSum(): StateMachine & { readonly total: number } {
  let total = 0;
  return {
    get total() {
      return total;
    },
    apply: (entries) => entries.map(({ data }) => (total += data[0] ?? 0)),
    snapshot: () => Readable.from([new TextEncoder().encode(String(total))]),
    restore: async (_index, chunks) => {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks) parts.push(chunk);
      total = Number(Buffer.concat(parts).toString());
    },
  };
}

const directory = await mkdtemp(join(tmpdir(), "waggle-raft-"));
const ids = [1, 2, 3].map(nodeId);
const addresses = new Map<number, Address>();
const transports = new Map(ids.map((id) => [id, createNodeTransport()]));
const sums = new Map(ids.map((id) => [id, createSum()]));
const nodes = new Map<NodeId, RaftNode>();

for (const id of ids) {
  const { address } = await transports.get(id)!.listen({
    address: { host: "127.0.0.1", port: 0 },
    onConnection: (connection) => nodes.get(id)?.accept(connection),
  });
  addresses.set(id, address);
}
for (const id of ids) {
  const node = await createRaftNode({
    id,
    bootstrap: { voters: ids },
    store: await openFileStore({ directory: join(directory, String(id)) }),
    stateMachine: sums.get(id)!,
    dial: (peer, protocol, { signal }) =>
      transports.get(id)!.dial(addresses.get(peer)!, { protocol, signal }),
    random: Math.random,
  });
  nodes.set(id, node);
}

const leader = await new Promise<RaftNode>((resolve) => {
  for (const node of nodes.values()) {
    node.subscribe((event) => {
      if (event.type === "leading") resolve(node);
    });
  }
});
const results = await Promise.all(
  [1, 2, 3, 4].map((number) => leader.propose(new Uint8Array([number]))),
);
console.log(`totals on the leader: ${results.map(({ result }) => String(result)).join(", ")}`);
for (const [id, node] of nodes) {
  await node.read();
  console.log(`total on member ${id}: ${sums.get(id)!.total}`);
}

await Promise.all([...nodes.values()].map((node) => node.stop()));
await Promise.all([...transports.values()].map((transport) => transport.close()));
await rm(directory, { recursive: true });
