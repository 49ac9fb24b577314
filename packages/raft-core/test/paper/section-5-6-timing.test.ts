import { describe, expect, test } from "vitest";
import { Group, bytes } from "../group/group.ts";

describe("5.6: timing and availability", () => {
  test("broadcast time ≪ election timeout: heartbeats keep a leader for ever", () => {
    const group = new Group([1, 2, 3], { heartbeatTicks: 3, electionTicks: 10 });
    group.elect(1);
    group.tick(500);
    expect(group.core(1).status()).toMatchObject({ role: "leader", term: 2 });
  });

  test("without it no leader lasts, but nothing that was agreed on is lost", () => {
    const group = new Group([1, 2, 3], { preVote: false, checkQuorum: false });
    group.elect(1);
    group.core(1).propose([bytes("a")]);
    group.settle();
    const { commit, term } = group.core(1).status();
    // Heartbeats come too late to count.
    group.drop = ({ type }) => type === "heartbeat" || type === "append";
    group.tick(100);
    expect(Math.max(...[1, 2, 3].map((id) => group.core(id).status().term))).toBeGreaterThan(term);
    group.cut().tick(60);
    expect(group.leaders).toHaveLength(1);
    for (const id of [1, 2, 3]) {
      expect(group.texts(id)).toEqual(["a"]);
      expect(group.core(id).status().commit).toBeGreaterThan(commit);
    }
  });

  test("a group is without a leader for about an election timeout when it crashes", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.cut(1);
    let ticks = 0;
    while (!group.leaders.some((id) => id !== 1) && ticks < 100) {
      group.tick();
      ticks += 1;
    }
    expect(ticks).toBeLessThanOrEqual(20);
  });
});
