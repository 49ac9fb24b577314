import type { RaftNodeStatus } from "@waggle/raft";
import { expect, it } from "vitest";
import { raftStatusOf } from "../../src/manager/raft-status.ts";

it("an operator sees a manager's role, the group's members, and how it elects", () => {
  const status = {
    core: { role: "follower", term: 4, confState: { voters: [1, 2], learners: [3] } },
    settings: {
      tickMs: 50,
      electionTicks: 10,
      heartbeatTicks: 2,
      preVote: true,
      checkQuorum: false,
    },
  } as unknown as RaftNodeStatus;
  expect(raftStatusOf(status)).toEqual({
    role: "follower",
    term: 4,
    voters: 2,
    learners: 1,
    preVote: true,
    checkQuorum: false,
    electionTimeoutMs: 500,
    heartbeatMs: 100,
  });
});
