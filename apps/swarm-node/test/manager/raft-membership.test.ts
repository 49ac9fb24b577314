import type { RaftNode } from "@waggle/raft";
import { describe, expect, it } from "vitest";
import { createRaftMembership } from "../../src/manager/raft-membership.ts";

/** Only what the membership asks of a leader: its voters, and which of its peers it heard lately. */
function setup({
  id = 1,
  voters,
  active,
  learners = [],
}: {
  id?: number;
  voters: number[];
  active: number[];
  learners?: number[];
}) {
  const done: string[] = [];
  const raft = {
    status: () => ({
      core: {
        id,
        confState: { voters, learners },
        peers: voters
          .filter((voter) => voter !== id)
          .map((voter) => ({ id: voter, recentlyActive: active.includes(voter) })),
      },
    }),
    promoteMember: (raftId: number) => {
      done.push(`promote ${raftId}`);
      return Promise.resolve();
    },
    removeMember: (raftId: number) => {
      done.push(`remove ${raftId}`);
      return Promise.resolve();
    },
    transferLeadership: () => {
      done.push("transfer");
      return Promise.resolve();
    },
  };
  return { done, membership: createRaftMembership(raft as unknown as RaftNode) };
}

describe("the Raft group as the control side sees it", () => {
  it.each([
    ["one of three that are all heard", { voters: [1, 2, 3], active: [2, 3] }, 3, true],
    ["a dead one of three", { voters: [1, 2, 3], active: [2] }, 3, true],
    ["a living one of three while another is dead", { voters: [1, 2, 3], active: [2] }, 2, false],
    ["the dead one of two", { voters: [1, 2], active: [] }, 2, true],
    ["this one of two while the other is dead", { voters: [1, 2], active: [] }, 1, false],
    ["the only one", { voters: [1], active: [] }, 1, false],
    ["a dead one of five with another dead", { voters: [1, 2, 3, 4, 5], active: [2, 3] }, 5, true],
    ["a living one of five with two dead", { voters: [1, 2, 3, 4, 5], active: [2, 3] }, 3, false],
  ])("lets go of %s: only with a quorum of the rest", (_what, group, leaving, allowed) => {
    expect(setup(group).membership.canRemoveManager(leaving)).toBe(allowed);
  });

  it("removes another member", async () => {
    const { membership, done } = setup({ voters: [1, 2, 3], active: [2, 3] });
    await membership.removeManager(2);
    expect(done).toEqual(["remove 2"]);
  });

  it("knows a learner, who may go at any time and may become a voter", async () => {
    const { membership, done } = setup({ voters: [1, 2], active: [], learners: [3] });
    expect(membership.isLearner(3)).toBe(true);
    expect(membership.isLearner(2)).toBe(false);
    expect(membership.canRemoveManager(3)).toBe(true);
    await membership.promoteManager(3);
    await membership.removeManager(3);
    expect(done).toEqual(["promote 3", "remove 3"]);
  });

  it("hands leadership over before it can be removed itself", async () => {
    const { membership, done } = setup({ voters: [1, 2, 3], active: [2, 3] });
    await expect(membership.removeManager(1)).rejects.toMatchObject({ code: "unavailable" });
    expect(done).toEqual(["transfer"]);
  });
});
