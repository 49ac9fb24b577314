import type { Fault } from "../fault.ts";

/** Faults that `votes.test.ts` catches. */
export const VOTES: readonly Fault[] = [
  {
    name: "a vote is granted although a leader is known in this term",
    missedByGoldens: true,
    edits: [["election/vote.ts", 'if (leader !== NO_NODE) return "leader-known";', ""]],
  },
  {
    name: "the lease holds against an election that the leader asked for",
    missedByGoldens: true,
    edits: [["step.ts", "message.transfer || !checkQuorum", "!checkQuorum"]],
  },
  {
    name: "a pre-vote of an earlier term is dropped instead of refused",
    missedByGoldens: true,
    edits: [["step.ts", "refuseEarlierPreVote(state, message);", ""]],
  },
  {
    name: "a member campaigns with a committed change of the members that it did not apply",
    missedByGoldens: true,
    edits: [
      ["election/campaign.ts", 'if (state.log.hasUnappliedChange()) return "pending-change";', ""],
    ],
  },
  {
    name: "a member campaigns while a snapshot waits to be installed",
    missedByGoldens: true,
    edits: [
      ["state.ts", "state.log.unstable.snapshot === undefined", "true"],
      ["election/campaign.ts", 'if (state.log.hasUnappliedChange()) return "pending-change";', ""],
    ],
  },
  {
    name: "a learner campaigns",
    missedByGoldens: true,
    edits: [["state.ts", "!state.configuration.learners.has(state.id)", "true"]],
  },
  {
    name: "a refused vote starts the election timer anew",
    missedByGoldens: true,
    edits: [
      [
        "election/vote.ts",
        "if (!reject && !pre) {",
        "state.electionElapsed = 0;\n  if (!reject && !pre) {",
      ],
    ],
  },
  {
    name: "the election timeout is not random",
    missedByGoldens: true,
    edits: [
      [
        "roles/transitions.ts",
        "electionTicks + Math.floor(random() * electionTicks)",
        "electionTicks",
      ],
    ],
  },
  {
    name: "a second answer of a voter replaces its first",
    missedByGoldens: true,
    edits: [
      ["roles/candidate.ts", "if (!state.votes.has(from)) state.votes.set", "state.votes.set"],
    ],
  },
  {
    name: "the vote of a term is forgotten without a new term",
    edits: [["roles/transitions.ts", "if (term !== state.term) {", "{"]],
  },
  {
    name: "a vote that was cast is not repeated",
    edits: [
      ["election/vote.ts", "const repeated = vote === message.from;", "const repeated = false;"],
    ],
  },
  {
    name: "a learner refuses its vote",
    edits: [
      [
        "election/vote.ts",
        "const repeated = vote === message.from;",
        'if (state.configuration.learners.has(state.id)) return "priority";\n  const repeated = vote === message.from;',
      ],
    ],
  },
  {
    name: "the log of a candidate is not looked at",
    edits: [
      [
        "election/vote.ts",
        'if (!log.isUpToDate(message.index, message.logTerm)) return "log-behind";',
        "",
      ],
    ],
  },
  {
    name: "a longer log counts more than a later term",
    edits: [
      [
        "log/raft-log.ts",
        "(term === this.lastTerm && at >= this.lastIndex)",
        "at >= this.lastIndex",
      ],
    ],
  },
  {
    name: "a vote leaves before it is durable",
    edits: [["outbox.ts", 'case "vote-response":', ""]],
  },
  {
    name: "term and vote are not synced",
    edits: [["ready-gate.ts", "|| this.#voteChanged(),", ","]],
  },
  {
    name: "half of the voters elect",
    edits: [["quorum/majority.ts", "Math.floor(count / 2) + 1", "Math.ceil(count / 2)"]],
  },
  {
    name: "one half of a joint configuration elects",
    edits: [["quorum/joint.ts", "if (incoming === outgoing) return incoming;", "return incoming;"]],
  },
  {
    name: "a candidate counts its own vote before it is durable",
    edits: [
      [
        "election/campaign.ts",
        "send(state, { from: state.id, to: state.id, term, type, reject: false });",
        "state.votes.set(state.id, true);\n  send(state, { from: state.id, to: state.id, term, type, reject: false });",
      ],
    ],
  },
  {
    name: "an answer of a stranger is believed its term",
    edits: [["validate.ts", "return !state.progress.has(from);", "return false;"]],
  },
  {
    name: "the lease does not hold against others",
    edits: [["step.ts", "return state.electionElapsed < electionTicks;", "return false;"]],
  },
  {
    name: "the lease lasts as long as the random timeout",
    edits: [
      [
        "step.ts",
        "return state.electionElapsed < electionTicks;",
        "return state.electionElapsed < state.electionTimeout;",
      ],
    ],
  },
  {
    name: "a leader that hears no quorum leads on",
    edits: [["tick.ts", "state.options.checkQuorum && !hearsQuorum(state)", "false"]],
  },
  {
    name: "an answer to the leader counts in every later period",
    edits: [["tick.ts", "if (id !== state.id) peer.recentlyActive = false;", "{}"]],
  },
  {
    name: "a leader that was cut off is not told of the later term",
    edits: [
      [
        "step.ts",
        "if (checkQuorum || preVote) nudgeStaleLeader(state, message.from);",
        "if (false);",
      ],
    ],
  },
  {
    name: "a pre-vote changes the term or the vote",
    edits: [["election/vote.ts", "if (!reject && !pre) {", "if (!reject) {"]],
  },
  {
    name: "a granted pre-vote names the voter's term instead of the one asked for",
    edits: [["election/vote.ts", "reject ? state.term : message.term", "state.term"]],
  },
  {
    name: "a pre-vote granted for another term counts",
    edits: [["roles/candidate.ts", "reject || term === state.term + 1", "true"]],
  },
  {
    name: "a pre-candidate keeps the answers to its last question",
    edits: [
      [
        "roles/transitions.ts",
        "state.votes.clear();\n  state.leader = NO_NODE;",
        "state.leader = NO_NODE;",
      ],
    ],
  },
  {
    name: "a pre-candidate keeps its leader",
    edits: [
      [
        "roles/transitions.ts",
        "state.votes.clear();\n  state.leader = NO_NODE;",
        "state.votes.clear();",
      ],
    ],
  },
  {
    name: "a member that was removed campaigns",
    edits: [["state.ts", "state.progress.has(state.id) &&", ""]],
  },
  {
    name: "a member of higher priority lets one of lower priority win",
    edits: [
      [
        "election/vote.ts",
        'return isOutranked(state, message) ? "priority" : undefined;',
        "return undefined;",
      ],
    ],
  },
  {
    name: "priority counts more than a longer log",
    edits: [
      [
        "election/vote.ts",
        "if (message.index > lastIndex || message.logTerm > lastTerm) return false;",
        "",
      ],
    ],
  },
  {
    name: "a member that cannot campaign refuses by its priority",
    edits: [
      ["election/vote.ts", "return obstacleToCampaign(state) === undefined;", "return true;"],
    ],
  },
  {
    name: "a transfer is refused by priority",
    edits: [["election/vote.ts", "message.transfer || message.priority", "message.priority"]],
  },
  {
    name: "a candidate that was removed meanwhile leads",
    edits: [
      [
        "roles/candidate.ts",
        "if (!isPromotable(state)) becomeFollower(state, state.term, NO_NODE);\n      else if",
        "if",
      ],
    ],
  },
];
