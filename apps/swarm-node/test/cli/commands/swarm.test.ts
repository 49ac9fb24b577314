import { describe, expect, it } from "vitest";
import { managerColumn } from "../../../src/cli/commands/node.ts";
import { raftLine } from "../../../src/cli/commands/swarm.ts";

describe("a manager's part in the group", () => {
  it("is one line of info", () => {
    const raft = {
      Role: "leader",
      Term: 7,
      Voters: 3,
      Learners: 0,
      PreVote: true,
      CheckQuorum: true,
    };
    expect(raftLine(raft)).toBe("leader, term 7; 3 voter(s); pre-vote on, quorum check on");
    expect(raftLine({ ...raft, Role: "follower", Learners: 1, PreVote: false })).toBe(
      "follower, term 7; 3 voter(s), 1 learner(s); pre-vote off, quorum check on",
    );
  });

  it("is a word of the list of nodes", () => {
    const node = {
      ID: "n",
      Version: { Index: 1 },
      Spec: { Role: "manager", Availability: "active" },
      Status: { State: "ready" },
    };
    expect(managerColumn(node)).toBe("");
    const shown = (status: { Leader?: boolean; Learner?: boolean }): string =>
      managerColumn({ ...node, ManagerStatus: { Reachability: "reachable", ...status } });
    expect(shown({})).toBe("reachable");
    expect(shown({ Leader: true })).toBe("leader");
    expect(shown({ Learner: true })).toBe("reachable, learner");
  });
});
