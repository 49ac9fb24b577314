import type { RaftTrace } from "@waggle/raft-core";
import { describe, expect, it } from "vitest";
import { nodeId } from "../../src/index.ts";
import { Cluster, type Member } from "../cluster.ts";
import { text } from "../register.ts";

const ids = [1, 2, 3, 4, 5];

const linesOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `line ${at}`);

/** The elections that were begun, and what for. */
function campaignsOf(traces: readonly RaftTrace[]): readonly string[] {
  return traces.flatMap((trace) => {
    if (trace.type === "timeout-now") return [`timeout-now ${trace.outcome}`];
    return trace.type === "role" && trace.role === "pre-candidate" ? ["by time"] : [];
  });
}

async function nextLeader(cluster: Cluster, old: Member): Promise<Member> {
  await cluster.until(() => cluster.leader !== undefined && cluster.leader.id !== old.node.id);
  return cluster.get(cluster.leader!.id);
}

describe("a leader that stops in good order", () => {
  it("brings what is proposed to its end, and the next one writes at once", async () => {
    const traces: RaftTrace[] = [];
    await using cluster = await Cluster.start(ids, { trace: (trace) => traces.push(trace) });
    const leader = await cluster.elect();
    traces.length = 0;
    const { term } = leader.node.status().core;
    const lines = linesOf(50);
    const calls = Promise.all(lines.map((line) => leader.node.propose(text(line))));
    const startedMs = cluster.clock.now();
    const stopping = leader.node.stop();
    const next = await nextLeader(cluster, leader);
    await cluster.finish(next.node.propose(text("the next")));
    expect(cluster.clock.now() - startedMs).toBeLessThanOrEqual(100);
    expect(await cluster.finish(calls)).toHaveLength(50);
    expect(next.register.lines).toEqual([...lines, "the next"]);
    expect(next.node.status().core.term).toBe(term + 1);
    expect(campaignsOf(traces)).toEqual(["timeout-now campaigns"]);
    await cluster.finish(stopping);
    cluster.members.delete(leader.node.id);
  });

  it("refuses what is proposed meanwhile, soundly, and takes it again if nobody took over", async () => {
    await using cluster = await Cluster.start(ids);
    const leader = await cluster.elect();
    const others = ids.filter((id) => id !== leader.node.id);
    const target = others[0]!;
    const kept = leader.node.propose(text("kept"));
    const call = leader.node.transferLeadership(nodeId(target));
    await expect(leader.node.propose(text("refused"))).rejects.toMatchObject({
      code: "transfer-in-progress",
      outcome: "refused",
    });
    await cluster.finish(Promise.all([kept, call]));
    const next = await cluster.elect();
    expect(next.node.id).toBe(target);

    await cluster.crash(leader.node.id);
    const failing = expect(next.node.transferLeadership(leader.node.id)).rejects.toMatchObject({
      code: "timeout",
    });
    await cluster.finish(failing);
    await cluster.finish(next.node.propose(text("taken again")));
    expect(next.register.lines).toEqual(["kept", "taken again"]);
  });

  it("goes without when there is nobody to hand over to, or nobody who answers", async () => {
    await using alone = await Cluster.start([1]);
    const single = await alone.elect();
    const startedMs = alone.clock.now();
    await alone.stop(single.node.id);
    expect(alone.clock.now() - startedMs).toBeLessThan(500);

    await using pair = await Cluster.start([1, 2]);
    const leader = await pair.elect();
    await pair.crash(leader.node.id === 1 ? 2 : 1);
    const stoppedMs = pair.clock.now();
    await pair.stop(leader.node.id);
    expect(pair.clock.now() - stoppedMs).toBeLessThan(3_000);
  });
});
