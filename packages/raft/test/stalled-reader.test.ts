import { describe, expect, it } from "vitest";
import { nodeId } from "../src/index.ts";
import { Cluster, hostOf } from "./cluster.ts";
import { createGatedStore, type Gates } from "./gated-store.ts";
import { text } from "./register.ts";

const ids = [1, 2, 3];
const bootstrap = { voters: ids.map(nodeId) };
const settings = {
  bootstrap,
  snapshotIntervalEntries: 20,
  trailingEntries: 0,
  limits: { inboundBytesMax: 10_000 },
};

/** Three members, of which the third can be held up; one of the others leads. */
async function start(cluster: Cluster, gates: Gates) {
  for (const id of [1, 2]) await cluster.add(id, settings);
  const slow = await cluster.add(3, { ...settings, store: createGatedStore(gates) });
  const leader = await cluster.elect();
  if (leader.node.id === 3) {
    await cluster.finish(leader.node.transferLeadership(nodeId(1)));
    await cluster.elect();
  }
  return { slow, leader: cluster.get(cluster.leader!.id) };
}

async function pass(cluster: Cluster, ms: number, check: () => void): Promise<void> {
  for (let passed = 0; passed < ms; passed += 25) {
    await cluster.breathe();
    cluster.clock.advance(25);
    check();
  }
}

describe("a member that does not read for want of a disk", () => {
  it("hears heartbeats past the entries that wait for it", async () => {
    const gates: Gates = {};
    await using cluster = new Cluster();
    const { slow, leader } = await start(cluster, gates);
    const gate = Promise.withResolvers<undefined>();
    gates.append = gate.promise;
    const large = "x".repeat(4_000);
    for (let at = 0; at < 10; at += 1) await cluster.finish(leader.node.propose(text(large)));
    const { term } = leader.node.status().core;
    await pass(cluster, 5_000, () => {
      expect(slow.node.status().core).toMatchObject({ leader: leader.node.id, role: "follower" });
    });
    gates.append = undefined;
    gate.resolve(undefined);
    await cluster.until(() => slow.register.lines.length === 10);
    expect(leader.node.status().core).toMatchObject({ term, role: "leader" });
  });

  it("hears heartbeats past a snapshot that it cannot write yet", async () => {
    const gates: Gates = {};
    await using cluster = new Cluster();
    const { slow, leader } = await start(cluster, gates);
    const gate = Promise.withResolvers<undefined>();
    gates.stage = gate.promise;
    cluster.network.partition([[hostOf(3)]]);
    for (let at = 0; at < 50; at += 1)
      await cluster.finish(leader.node.propose(text(`line ${at}`)));
    await cluster.until(() => leader.node.status().core.firstIndex > 20);
    cluster.network.heal();
    await cluster.until(() => leader.node.status().snapshotsSending === 1);
    await cluster.until(() => slow.node.status().leader === leader.node.id);
    await pass(cluster, 20_000, () => {
      expect(slow.node.status().core.leader).toBe(leader.node.id);
      expect(leader.node.status().snapshotsSending).toBe(1);
    });
    expect(slow.register.lines).toEqual([]);
    gates.stage = undefined;
    gate.resolve(undefined);
    await cluster.until(() => slow.register.lines.length === 50);
  });

  it("finds the entries after a snapshot that it took in under load", async () => {
    const gates: Gates = {};
    await using cluster = new Cluster();
    const { slow, leader } = await start(cluster, gates);
    const gate = Promise.withResolvers<undefined>();
    gates.stage = gate.promise;
    cluster.network.partition([[hostOf(3)]]);
    const write = async (count: number) => {
      for (let at = 0; at < count; at += 1) await cluster.finish(leader.node.propose(text("line")));
    };
    await write(50);
    await cluster.until(() => leader.node.status().core.firstIndex > 20);
    cluster.network.heal();
    await cluster.until(() => leader.node.status().snapshotsSending === 1);
    await write(100);
    gates.stage = undefined;
    gate.resolve(undefined);
    await cluster.until(() => slow.register.lines.length === 150);
    expect(slow.register.restoredAt).toHaveLength(1);
    await write(100);
    await cluster.until(() => leader.node.status().core.firstIndex > 200);
  });
});
