import { describe, expect, it } from "vitest";
import { CATCH_UP_ROUNDS_MAX, CATCH_UP_STALL_MS, nodeId } from "../../src/index.ts";
import { CatchUpRounds, type Standing } from "../../src/replica/catch-up.ts";
import { Cluster } from "../cluster.ts";
import { text } from "../register.ts";

const ROUND_MS = 500;
const at = (nowMs: number, match: number, rest: Partial<Standing> = {}): Standing => ({
  nowMs,
  match,
  lastIndex: 100,
  heardMs: nowMs,
  isReceiving: false,
  ...rest,
});

describe("the rounds of catching up (thesis, 4.2.1)", () => {
  it("end with the first that takes less than an election timeout", () => {
    const rounds = new CatchUpRounds(ROUND_MS);
    expect(rounds.look(at(0, 0))).toBe("next-round");
    expect(rounds.look(at(400, 60))).toBe("waiting");
    // All of the first round is there, but that took too long: how fast is it now?
    expect(rounds.look(at(900, 100, { lastIndex: 130 }))).toBe("next-round");
    expect(rounds.look(at(1_000, 129, { lastIndex: 140 }))).toBe("waiting");
    expect(rounds.look(at(1_400, 130, { lastIndex: 160 }))).toBe("caught-up");
    expect(rounds.round).toBe(2);
  });

  it("do not end while the member is silent, however much it has", () => {
    const rounds = new CatchUpRounds(ROUND_MS);
    expect(rounds.look(at(0, 100))).toBe("next-round");
    expect(rounds.look(at(10, 100, { heardMs: 0 }))).toBe("waiting");
    expect(rounds.look(at(20, 100, { heardMs: 15 }))).toBe("caught-up");
  });

  it("are given up after a time without progress, which a snapshot on its way is", () => {
    const rounds = new CatchUpRounds(ROUND_MS);
    rounds.look(at(0, 0));
    const sentMs = 10 * CATCH_UP_STALL_MS;
    expect(rounds.look(at(sentMs, 0, { isReceiving: true }))).toBe("waiting");
    expect(rounds.look(at(sentMs + CATCH_UP_STALL_MS, 0))).toBe("waiting");
    expect(rounds.look(at(sentMs + CATCH_UP_STALL_MS + 1, 0))).toBe("stalled");
  });

  it("are given up when entries come faster than the member takes them", () => {
    const rounds = new CatchUpRounds(ROUND_MS);
    for (let round = 0; round < CATCH_UP_ROUNDS_MAX; round += 1) {
      const match = round * 100;
      const standing = at(round * 1_000, match, { lastIndex: match + 100 });
      expect(rounds.look(standing)).toBe("next-round");
    }
    const lastMs = CATCH_UP_ROUNDS_MAX * 1_000;
    expect(rounds.look(at(lastMs, CATCH_UP_ROUNDS_MAX * 100))).toBe("too-slow");
  });
});

describe("a new member", () => {
  it("is a learner first, and a voter once it is caught up", async () => {
    await using cluster = await Cluster.start([1]);
    const { node, events } = await cluster.elect();
    for (let count = 0; count < 20; count += 1) await cluster.finish(node.propose(text("a")));
    await cluster.add(2);
    await cluster.finish(node.addMember(nodeId(2), text("here")));
    const steps = events.flatMap((event) => {
      if (event.type === "member-catching-up") return [`round ${event.round}`];
      if (event.type !== "members") return [];
      const [change] = event.change?.changes ?? [];
      return [`${change?.type} with ${new TextDecoder().decode(event.change?.context)}`];
    });
    expect(steps).toEqual(["add-learner with here", "round 1", "add-voter with here"]);
    const rounds = events.filter((event) => event.type === "member-catching-up");
    expect(rounds).toMatchObject([{ node: 2, match: 0 }]);
    expect(rounds[0]!.lastIndex).toBeGreaterThan(20);
  });

  it("costs the quorum nothing while it does not answer, and goes on where it stands", async () => {
    await using cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    const startedMs = cluster.clock.now();
    const call = node.addMember(nodeId(2), text(""));
    await cluster.until(() => node.status().core.confState.learners.includes(nodeId(2)));
    const { index } = await cluster.finish(node.propose(text("alone")));
    expect(cluster.clock.now() - startedMs).toBeLessThan(500);
    await expect(cluster.finish(call)).rejects.toMatchObject({
      code: "not-caught-up",
      outcome: "refused",
      progress: { node: 2, match: 0, lastIndex: index, isLearner: true },
    });
    expect(cluster.clock.now() - startedMs).toBeGreaterThan(CATCH_UP_STALL_MS);
    await expect(call).rejects.toThrow(/node 2 has 0 of \d+ entries.*stays a learner/);
    expect(node.status().core.confState).toMatchObject({ voters: [1], learners: [2] });

    await cluster.add(2);
    const { voters } = await cluster.finish(node.addMember(nodeId(2), text("")));
    expect(voters).toEqual([1, 2]);
    expect((await cluster.finish(node.promoteMember(nodeId(2)))).voters).toEqual([1, 2]);
  });

  it("is promoted by the next leader when its own is gone", async () => {
    await using cluster = await Cluster.start([1, 2, 3]);
    const first = await cluster.elect();
    const call = first.node.addMember(nodeId(4), text(""));
    const isLearner = (): boolean =>
      [...cluster.members.values()].every(({ node }) =>
        node.status().core.confState.learners.includes(nodeId(4)),
      );
    await cluster.until(isLearner);
    const given = expect(call).rejects.toMatchObject({ code: "not-leader", outcome: "refused" });
    await cluster.finish(first.node.transferLeadership());
    await cluster.finish(given);
    await cluster.add(4);
    const second = await cluster.elect([1, 2, 3]);
    const { voters } = await cluster.finish(second.node.promoteMember(nodeId(4)));
    expect(voters).toEqual([1, 2, 3, 4]);
  });

  it("that is removed meanwhile is not added again", async () => {
    await using cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    const call = node.addMember(nodeId(2), text(""));
    await cluster.until(() => node.status().core.confState.learners.includes(nodeId(2)));
    const given = expect(call).rejects.toMatchObject({ code: "unsupported-change" });
    await cluster.finish(node.removeMember(nodeId(2)));
    await cluster.finish(given);
    expect(node.status().core.confState).toMatchObject({ voters: [1], learners: [] });
    await expect(node.promoteMember(nodeId(2))).rejects.toMatchObject({
      code: "unsupported-change",
    });
  });

  it("that was caught up and is gone is not promoted", async () => {
    await using cluster = await Cluster.start([1]);
    const { node } = await cluster.elect();
    await cluster.add(2);
    await cluster.finish(node.addLearner(nodeId(2), text("")));
    await cluster.until(() => node.status().core.peers[1]?.match === node.status().core.lastIndex);
    await cluster.crash(2);
    await expect(cluster.finish(node.promoteMember(nodeId(2)))).rejects.toMatchObject({
      code: "not-caught-up",
    });
    await cluster.finish(node.propose(text("still")));
    await cluster.add(2);
    const { voters } = await cluster.finish(node.promoteMember(nodeId(2)));
    expect(voters).toEqual([1, 2]);
  });

  it("gets a snapshot first when the log does not reach back, and stops waiting when told to", async () => {
    const settings = { snapshotIntervalEntries: 5, trailingEntries: 0 };
    await using cluster = await Cluster.start([1], settings);
    const { node, register } = await cluster.elect();
    for (let count = 0; count < 30; count += 1) await cluster.finish(node.propose(text("a")));
    const abort = new AbortController();
    const given = node.addMember(nodeId(2), text(""), { signal: abort.signal });
    await cluster.until(() => node.status().core.confState.learners.includes(nodeId(2)));
    abort.abort();
    await expect(cluster.finish(given)).rejects.toMatchObject({ code: "aborted" });
    const joined = await cluster.add(2, settings);
    await cluster.finish(node.addMember(nodeId(2), text("")));
    expect(joined.events.map(({ type }) => type)).toContain("restored");
    await cluster.until(() => joined.register.lines.length === register.lines.length);
  });
});
