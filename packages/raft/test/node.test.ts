import { nodeId } from "../src/index.ts";
import { createMemoryStore } from "@waggle/raft-storage/memory";
import { describe, expect, it } from "vitest";
import { Cluster, hostOf } from "./cluster.ts";
import { text } from "./register.ts";

describe("a node alone", () => {
  it("leads, applies and reads", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register, events } = await cluster.elect();
    const applied = await cluster.finish(node.propose(text("a")));
    expect(applied.result).toBe(`a@${applied.index}`);
    expect(register.lines).toEqual(["a"]);
    expect(await cluster.finish(node.read())).toBe(applied.index);
    expect(events.map(({ type }) => type)).toContain("leading");
  });

  it("leads from the first tick on, at first and again, however its group came to be of one", async () => {
    await using cluster = await Cluster.start([1]);
    const tickMs = 50;
    const { node } = await cluster.elect();
    expect(cluster.clock.now()).toBeLessThanOrEqual(2 * tickMs);
    await cluster.add(2);
    await cluster.finish(node.addMember(nodeId(2), text("")));
    await cluster.finish(node.removeMember(nodeId(2)));
    await cluster.stop(2);
    await cluster.stop(1);
    const startedAt = cluster.clock.now();
    await cluster.add(1);
    await cluster.elect();
    expect(cluster.clock.now() - startedAt).toBeLessThanOrEqual(2 * tickMs);
  });

  it("puts proposals of one turn into one write", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register } = await cluster.elect();
    const before = node.status().core.lastIndex;
    const calls = Array.from({ length: 100 }, (_, at) => node.propose(text(`${at}`)));
    const applied = await cluster.finish(Promise.all(calls));
    expect(applied.map(({ index }) => index)).toEqual(applied.map((_, at) => before + 1 + at));
    expect(register.lines).toHaveLength(100);
  });

  it("finds its state again", async () => {
    await using cluster = await Cluster.start([1]);
    const first = await cluster.elect();
    for (const line of ["a", "b", "c"]) await cluster.finish(first.node.propose(text(line)));
    await cluster.stop(1);
    const second = await cluster.add(1);
    await cluster.elect();
    expect(second.register.lines).toEqual(["a", "b", "c"]);
  });

  it("finds its state again from a snapshot and the log after it", async () => {
    await using cluster = await Cluster.start([1], {
      snapshotIntervalEntries: 10,
      trailingEntries: 3,
    });
    const first = await cluster.elect();
    const lines = Array.from({ length: 37 }, (_, at) => `line ${at}`);
    for (const line of lines) await cluster.finish(first.node.propose(text(line)));
    await cluster.until(() => first.node.status().core.firstIndex > 20);
    await cluster.stop(1);
    const second = await cluster.add(1);
    await cluster.elect();
    expect(second.register.lines).toEqual(lines);
    expect(second.register.restoredAt).toHaveLength(1);
  });

  it("refuses what it cannot take", async () => {
    await using cluster = await Cluster.start([1], { limits: { pendingProposalsMax: 3 } });
    const { node, register } = await cluster.elect();
    await expect(node.propose(new Uint8Array(0))).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await expect(node.propose(new Uint8Array(5_000_000))).rejects.toMatchObject({
      code: "invalid-argument",
      outcome: "refused",
    });
    const calls = ["a", "b", "c"].map((line) => node.propose(text(line)));
    await expect(node.propose(text("d"))).rejects.toMatchObject({
      code: "overloaded",
      outcome: "refused",
    });
    await cluster.finish(Promise.all(calls));
    expect(register.lines).toEqual(["a", "b", "c"]);
  });

  it("gives up what its caller aborts, and says whether it may still happen", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register } = await cluster.elect();
    const early = AbortSignal.abort();
    await expect(node.propose(text("a"), { signal: early })).rejects.toMatchObject({
      outcome: "refused",
    });
    const controller = new AbortController();
    const call = node.propose(text("b"), { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted", outcome: "refused" });
    let open: () => void = () => undefined;
    register.gate = new Promise((resolve) => (open = resolve));
    const late = new AbortController();
    const handed = node.propose(text("c"), { signal: late.signal });
    await cluster.breathe();
    late.abort();
    await expect(handed).rejects.toMatchObject({ code: "aborted", outcome: "unknown" });
    open();
    await cluster.until(() => register.lines.includes("c"));
    expect(register.lines).toEqual(["c"]);
  });

  it("fails when its state machine does", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register, events } = await cluster.elect();
    register.gate = Promise.reject(new RangeError("on purpose"));
    const call = cluster.finish(node.propose(text("a")));
    await expect(call).rejects.toMatchObject({ code: "stopped-in-flight", outcome: "unknown" });
    expect(events.at(-1)).toMatchObject({ type: "failed", error: { code: "state-machine" } });
    expect(node.status().state).toBe("failed");
    await expect(node.propose(text("b"))).rejects.toMatchObject({ code: "stopped" });
  });

  it("closes its store when it cannot start", async () => {
    const store = createMemoryStore();
    await using cluster = new Cluster();
    await expect(cluster.add(1, { store, tickMs: 0 })).rejects.toMatchObject({
      code: "invalid-argument",
    });
    await expect(store.openSnapshot()).rejects.toMatchObject({ code: "closed" });
  });

  it("settles everything when it stops", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    cluster.network.partition([[hostOf(node.id)]]);
    const propose = node.propose(text("a"));
    const read = node.read();
    propose.catch(() => undefined);
    read.catch(() => undefined);
    await cluster.breathe();
    const queued = node.propose(text("b"));
    queued.catch(() => undefined);
    await cluster.finish(node.stop());
    await expect(propose).rejects.toMatchObject({ outcome: "unknown" });
    await expect(read).rejects.toMatchObject({ code: "stopped", outcome: "refused" });
    await expect(queued).rejects.toBeDefined();
    await expect(node.propose(text("c"))).rejects.toMatchObject({ code: "stopped" });
    await expect(node.read()).rejects.toMatchObject({ code: "stopped" });
    await expect(node.addMember(nodeId(9), text(""))).rejects.toMatchObject({ code: "stopped" });
  });
});

describe("a group of three", () => {
  it("elects one leader and applies the same everywhere", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    const lines = Array.from({ length: 50 }, (_, at) => `line ${at}`);
    await cluster.finish(Promise.all(lines.map((line) => node.propose(text(line)))));
    const all = [...cluster.members.values()];
    await cluster.until(() => all.every(({ register }) => register.lines.length === 50));
    for (const { register } of all) expect(register.lines).toEqual(lines);
    const leaders = all.flatMap(({ events }) => events.filter(({ type }) => type === "leading"));
    expect(leaders).toHaveLength(1);
  });

  it("refuses proposals on a follower and names the leader", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const leader = await cluster.elect();
    const follower = [...cluster.members.values()].find((member) => member !== leader)!;
    await expect(follower.node.propose(text("a"))).rejects.toMatchObject({
      code: "not-leader",
      outcome: "refused",
      leader: leader.node.id,
    });
  });

  it("reads on any member what was written before", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const leader = await cluster.elect();
    for (const line of ["a", "b"]) {
      const { index } = await cluster.finish(leader.node.propose(text(line)));
      for (const { node, register } of cluster.members.values()) {
        expect(await cluster.finish(node.read())).toBeGreaterThanOrEqual(index);
        expect(register.lines).toContain(line);
      }
    }
  });

  it("goes on without its leader, who catches up when he is back", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const first = await cluster.elect();
    await cluster.finish(first.node.propose(text("a")));
    await cluster.crash(first.node.id);
    const second = await cluster.elect();
    expect(second.node.id).not.toBe(first.node.id);
    for (const line of ["b", "c"]) await cluster.finish(second.node.propose(text(line)));
    const back = await cluster.add(first.node.id);
    await cluster.until(() => back.register.lines.length === 3);
    expect(back.register.lines).toEqual(["a", "b", "c"]);
    expect(back.register.restoredAt).toEqual([]);
  });

  it("catches up by snapshot who is too far behind", async () => {
    const options = { snapshotIntervalEntries: 20, trailingEntries: 5 };
    await using cluster = await Cluster.start([1, 2, 3], options);
    const { node } = await cluster.elect();
    const behind = [1, 2, 3].find((id) => id !== node.id)!;
    await cluster.crash(behind);
    const lines = Array.from({ length: 200 }, (_, at) => `line ${at}`);
    for (const line of lines) await cluster.finish(node.propose(text(line)));
    await cluster.until(() => node.status().core.firstIndex > 100);
    const back = await cluster.add(behind, options);
    await cluster.until(() => back.register.lines.length === 200);
    expect(back.register.lines).toEqual(lines);
    expect(back.register.restoredAt).toHaveLength(1);
    expect(back.events.map(({ type }) => type)).toContain("restored");
    await cluster.finish(node.propose(text("after")));
    await cluster.until(() => back.register.lines.at(-1) === "after");
  });

  it("asks for the interval of its snapshots, if that may change", async () => {
    let snapshotIntervalEntries = 1_000;
    const options = {
      snapshotIntervalEntries: () => snapshotIntervalEntries,
      trailingEntries: () => snapshotIntervalEntries / 2,
    };
    await using cluster = await Cluster.start([1], options);
    const { node } = await cluster.elect();
    for (let at = 0; at < 30; at += 1) await cluster.finish(node.propose(text(`line ${at}`)));
    expect(node.status().core.firstIndex).toBeLessThan(3);
    snapshotIntervalEntries = 10;
    await cluster.finish(node.propose(text("due")));
    await cluster.until(() => node.status().core.firstIndex > 20);
  });

  it("decides nothing without a quorum, and loses nothing by it", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const old = await cluster.elect();
    await cluster.finish(old.node.propose(text("a")));
    cluster.network.partition([[hostOf(old.node.id)]]);
    const lost = old.node.propose(text("lost"));
    const read = old.node.read({ timeoutMs: 2_000 });
    const others = [1, 2, 3].filter((id) => id !== old.node.id);
    await expect(cluster.finish(lost)).rejects.toMatchObject({
      code: "leadership-lost",
      outcome: "unknown",
    });
    await expect(cluster.finish(read)).rejects.toMatchObject({ code: "timeout" });
    const next = await cluster.elect(others);
    await cluster.finish(next.node.propose(text("b")));
    cluster.network.heal();
    await cluster.until(() => old.register.lines.length === 2);
    expect(old.register.lines).toEqual(["a", "b"]);
  });

  it("carries a read over a change of leaders", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const old = await cluster.elect();
    const others = [1, 2, 3].filter((id) => id !== old.node.id);
    const { index } = await cluster.finish(old.node.propose(text("a")));
    cluster.network.partition([[hostOf(old.node.id)]]);
    const read = cluster.get(others[0]!).node.read({ timeoutMs: 60_000 });
    expect(await cluster.finish(read)).toBeGreaterThanOrEqual(index);
  });

  it("keeps its leader while one member applies slowly", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    const slow = [...cluster.members.values()].find((member) => member.node !== node)!;
    let open: () => void = () => undefined;
    slow.register.gate = new Promise((resolve) => (open = resolve));
    const { term } = node.status().core;
    for (let at = 0; at < 100; at += 1) await cluster.finish(node.propose(text(`${at}`)));
    const until = cluster.clock.now() + 10_000;
    await cluster.until(() => cluster.clock.now() > until);
    expect(node.status().core).toMatchObject({ role: "leader", term });
    expect(slow.register.lines).toEqual([]);
    open();
    await cluster.until(() => slow.register.lines.length === 100);
  });

  it("hands leadership over when asked to, and when its leader stops", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const first = await cluster.elect();
    const target = [1, 2, 3].find((id) => id !== first.node.id)!;
    expect(await cluster.finish(first.node.transferLeadership(nodeId(target)))).toBe(target);
    const second = await cluster.elect();
    expect(second.node.id).toBe(target);
    const { term } = second.node.status().core;
    const startedAt = cluster.clock.now();
    await cluster.stop(target);
    // Without a transfer the others would wait for an election timeout first.
    expect(cluster.clock.now() - startedAt).toBeLessThan(500);
    const third = await cluster.elect();
    expect(third.node.status().core.term).toBe(term + 1);
  });
});

describe("members", () => {
  it("grow from one to three, with what they need to know of each other", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, register } = await cluster.elect();
    await cluster.finish(node.propose(text("a")));
    for (const id of [2, 3]) {
      const joined = await cluster.add(id);
      const { voters } = await cluster.finish(node.addMember(nodeId(id), text(`address ${id}`)));
      expect(voters).toContain(id);
      await cluster.until(() => joined.node.status().applied >= node.status().applied);
      expect(joined.register.lines).toEqual(register.lines);
    }
    await cluster.elect([1, 2, 3]);
    const changes = cluster.get(2).events.filter((event) => event.type === "members");
    const contexts = changes.map(({ change }) => new TextDecoder().decode(change?.context));
    expect(contexts).toContain("address 3");
    const again = await cluster.finish(node.addMember(nodeId(3), text("again")));
    expect(again.voters).toEqual([1, 2, 3]);
  });

  it("are removed, and told so", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    const gone = [...cluster.members.values()].find((member) => member.node !== node)!;
    const { voters } = await cluster.finish(node.removeMember(gone.node.id));
    expect(voters).not.toContain(gone.node.id);
    await cluster.until(() => gone.events.some(({ type }) => type === "removed"));
    await cluster.finish(node.propose(text("a")));
    expect((await cluster.finish(node.removeMember(gone.node.id))).voters).toEqual(voters);
  });

  it("are not removed when that would cost the quorum", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const { node } = await cluster.elect();
    const [dead, living] = [1, 2, 3].filter((id) => id !== node.id);
    await cluster.crash(dead!);
    const until = cluster.clock.now() + 2_000;
    await cluster.until(() => cluster.clock.now() > until);
    const call = node.removeMember(nodeId(living!));
    await expect(cluster.finish(call)).rejects.toMatchObject({
      code: "quorum-at-risk",
      outcome: "refused",
    });
    await expect(cluster.finish(call)).rejects.toThrow(
      "2 voters, of which 1 are alive and 2 are needed",
    );
    const { voters } = await cluster.finish(node.removeMember(nodeId(dead!)));
    expect(voters).toHaveLength(2);
  });

  it("change one after the other when asked at once", async () => {
    await using cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    await cluster.add(2);
    await cluster.add(3);
    const calls = [2, 3].map((id) => node.addMember(nodeId(id), text("")));
    await cluster.finish(Promise.all(calls));
    expect(node.status().core.confState.voters).toEqual([1, 2, 3]);
  });

  it("lose their leader by his own removal, and elect another", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const old = await cluster.elect();
    await cluster.finish(old.node.removeMember(old.node.id));
    const others = [1, 2, 3].filter((id) => id !== old.node.id);
    const next = await cluster.elect(others);
    await cluster.finish(next.node.propose(text("a")));
    expect(old.events.map(({ type }) => type)).toContain("removed");
    await cluster.crash(old.node.id);
  });
});
