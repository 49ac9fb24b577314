import type { LocalRaftStatus } from "@waggle/engine-api";
import type { RaftNodeStatus } from "@waggle/raft";

/** What an operator wants to know of this manager's part in the group. */
export function raftStatusOf({
  core,
  settings,
}: Pick<RaftNodeStatus, "core" | "settings">): LocalRaftStatus {
  const { tickMs, electionTicks, heartbeatTicks, preVote, checkQuorum } = settings;
  return {
    role: core.role,
    term: core.term,
    voters: core.confState.voters.length,
    learners: core.confState.learners.length,
    preVote,
    checkQuorum,
    electionTimeoutMs: electionTicks * tickMs,
    heartbeatMs: heartbeatTicks * tickMs,
  };
}
