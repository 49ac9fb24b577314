import type { Message } from "@waggle/raft-core";
import { encodeMessage } from "@waggle/raft-core/codec";
import { logIndex, nodeId, term } from "@waggle/raft-core";
import { createMemoryNetwork } from "@waggle/transport/memory";
import { describe, expect, it } from "vitest";
import { RAFT_PROTOCOL, SNAPSHOT_PROTOCOL } from "../../src/index.ts";
import { crc32 } from "node:zlib";
import { encodeHello, encodeMessages } from "../../src/network/frames.ts";
import { encodeSnapshotDigest, encodeSnapshotOffer } from "../../src/network/snapshot-frames.ts";
import { Cluster, hostOf } from "../cluster.ts";
import { text } from "../register.ts";

const me = nodeId(9);
const victim = nodeId(1);
const hello = encodeHello({ from: me, to: victim });
const envelope = { from: me, to: victim, term: term(1) };
const confState = {
  voters: [me],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};
const snapshot: Message & { readonly type: "snapshot" } = {
  ...envelope,
  term: term(90),
  type: "snapshot",
  snapshot: {
    metadata: { index: logIndex(50), term: term(1), confState },
    data: new Uint8Array(0),
  },
};
const heartbeat: Message = {
  ...envelope,
  type: "heartbeat",
  commit: logIndex(0),
  context: new Uint8Array(3),
};

function offer(message: typeof snapshot, byteLength: number): Uint8Array {
  return encodeSnapshotOffer({ byteLength, message });
}

function batch(...messages: readonly Message[]): Uint8Array {
  return encodeMessages(messages.map((message) => encodeMessage(message)));
}

const attacks: readonly (readonly [string, string, readonly Uint8Array[]])[] = [
  ["an unknown protocol", "other/1", [hello]],
  ["no hello", RAFT_PROTOCOL, [new Uint8Array(100)]],
  ["a hello for another node", RAFT_PROTOCOL, [encodeHello({ from: me, to: nodeId(2) })]],
  ["bytes that are no messages", RAFT_PROTOCOL, [hello, new Uint8Array(50).fill(255)]],
  ["a message in another's name", RAFT_PROTOCOL, [hello, batch({ ...heartbeat, from: nodeId(2) })]],
  ["a message for another node", RAFT_PROTOCOL, [hello, batch({ ...heartbeat, to: nodeId(2) })]],
  ["a snapshot among the messages", RAFT_PROTOCOL, [hello, batch(snapshot)]],
  [
    "a response that no core sends",
    RAFT_PROTOCOL,
    [hello, batch({ ...envelope, type: "heartbeat-response", context: new Uint8Array(3) })],
  ],
  ["a snapshot without an offer", SNAPSHOT_PROTOCOL, [hello, new Uint8Array(3)]],
  [
    "a snapshot in another's name",
    SNAPSHOT_PROTOCOL,
    [hello, offer({ ...snapshot, from: nodeId(2) }, 10)],
  ],
  [
    "a snapshot longer than announced",
    SNAPSHOT_PROTOCOL,
    [hello, offer(snapshot, 10), new Uint8Array(11)],
  ],
  [
    "a snapshot of empty chunks",
    SNAPSHOT_PROTOCOL,
    [hello, offer(snapshot, 10), new Uint8Array(0)],
  ],
  [
    "a snapshot that goes on behind its end",
    SNAPSHOT_PROTOCOL,
    [hello, offer(snapshot, 10), new Uint8Array(10), new Uint8Array(10)],
  ],
  [
    "a snapshot that no core sends",
    SNAPSHOT_PROTOCOL,
    [hello, offer({ ...snapshot, to: nodeId(2) }, 0), encodeSnapshotDigest(0)],
  ],
];

describe("an inbound connection", () => {
  for (const [name, protocol, frames] of attacks) {
    it(`ends alone with ${name}`, async () => {
      await using cluster = await Cluster.start([1], { limits: { snapshotBytesMax: 1_000 } });
      const { node, register } = await cluster.elect();
      const attacker = cluster.network.transport(hostOf(me));
      const connection = await attacker.dial({ host: hostOf(1), port: 7_000 }, { protocol });
      let closed = false;
      void connection.closed.then(() => (closed = true));
      for (const frame of frames) await connection.send(frame).catch(() => undefined);
      // No time needs to pass for it.
      await cluster.breathe();
      expect(closed).toBe(true);
      await cluster.finish(node.propose(text("still here")));
      expect(register.lines).toEqual(["still here"]);
      await attacker.close();
    });
  }

  it("may carry a read that was asked of another member, which is no sign of the asker's life", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    const asker = nodeId([1, 2, 3].find((id) => id !== node.id)!);
    await cluster.crash(asker);
    const isActive = () =>
      node.status().core.peers.find(({ id }) => id === asker)?.recentlyActive !== false;
    await cluster.until(() => !isActive());
    const member = cluster.network.transport(hostOf(me));
    const connection = await member.dial(
      { host: hostOf(node.id), port: 7_000 },
      { protocol: RAFT_PROTOCOL },
    );
    let closed = false;
    void connection.closed.then(() => (closed = true));
    const read = { from: asker, to: node.id, term: term(0), type: "read-index" } as const;
    await connection.send(encodeHello({ from: me, to: node.id }));
    await connection.send(batch({ ...read, context: new Uint8Array(16) }));
    await cluster.finish(node.read());
    expect(closed).toBe(false);
    expect(isActive()).toBe(false);
    await member.close();
  });

  it("may bring a leader the snapshot of the next one, which ends what he proposed", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    cluster.network.partition([[hostOf(node.id), hostOf(me)]]);
    const call = node.propose(text("lost"));
    call.catch(() => undefined);
    await cluster.breathe();
    const transport = cluster.network.transport(hostOf(me));
    const connection = await transport.dial(
      { host: hostOf(node.id), port: 7_000 },
      { protocol: SNAPSHOT_PROTOCOL },
    );
    const data = text("[]");
    const later = { ...envelope, to: node.id, term: term(99) };
    const message = { ...snapshot, ...later };
    await connection.send(encodeHello({ from: me, to: node.id }));
    await connection.send(offer(message, data.byteLength));
    await connection.send(data);
    await connection.send(encodeSnapshotDigest(crc32(data)));
    await expect(cluster.finish(call)).rejects.toMatchObject({
      code: "leadership-lost",
      outcome: "unknown",
    });
    await transport.close();
  });

  it("is refused by a node that has stopped", async () => {
    const network = createMemoryNetwork();
    const cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    await cluster.finish(node.stop());
    const server = network.transport("server");
    const listener = await server.listen({
      address: { host: "server", port: 0 },
      onConnection: (connection) => {
        node.accept(connection);
      },
    });
    const client = network.transport("client");
    const connection = await client.dial(listener.address, { protocol: RAFT_PROTOCOL });
    await connection.closed;
    await client.close();
    await server.close();
    await cluster[Symbol.asyncDispose]();
  });
});
