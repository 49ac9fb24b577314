import type { Fault } from "../fault.ts";

/** Faults that `reads.test.ts` catches. */
export const READS: readonly Fault[] = [
  {
    name: "one half of a joint configuration confirms a read",
    edits: [
      [
        "read-index/serve.ts",
        "jointIndex(state.configuration,",
        "jointIndex({ ...state.configuration, outgoing: new Set() },",
      ],
    ],
  },
  {
    name: "a read is answered before a quorum was heard",
    edits: [
      [
        "read-index/serve.ts",
        "state.reads.takeConfirmed(round)",
        "state.reads.takeConfirmed(state.reads.newest)",
      ],
    ],
  },
  {
    name: "an answer to an earlier read confirms a later one",
    edits: [
      [
        "replication/responses.ts",
        "state.reads.acknowledge(message.from, round);",
        "state.reads.acknowledge(message.from, state.reads.newest);",
      ],
    ],
  },
  {
    name: "a heartbeat names no read",
    edits: [["replication/send.ts", "encodeRound(state.reads.round)", "encodeRound(0)"]],
  },
  {
    name: "reads from before the first commit of the term are dropped",
    edits: [["read-index/serve.ts", "reads.postpone(request);", ""]],
  },
  {
    name: "reads from before the first commit of the term are answered",
    edits: [["read-index/serve.ts", "log.termAt(log.committed) === term", "true"]],
  },
  {
    name: "a lease answers reads from before the first commit of the term",
    edits: [
      [
        "read-index/serve.ts",
        "if (!hasCommittedInTerm(state)) {",
        'if (options.readMode !== "lease" && !hasCommittedInTerm(state)) {',
      ],
    ],
  },
  {
    name: "reads go on waiting when the quorum shrank to those who answered",
    edits: [["membership/switch.ts", "answerConfirmedReads(state);", ""]],
  },
  {
    name: "reads outlive the leadership",
    edits: [["roles/transitions.ts", "state.reads.clear();", ""]],
  },
  {
    name: "a read that is forwarded carries a term",
    edits: [["core.ts", "term: 0 as Term", "term: this.#state.term"]],
  },
  {
    name: "a leader drops a read that carries no term",
    edits: [["step.ts", 'message.type === "read-index" || message.term === 0', "false"]],
  },
  {
    name: "a leader without other voters keeps the answer to a learner's read",
    edits: [
      [
        "read-index/serve.ts",
        "if (from === state.id) state.readStates",
        "if (from === state.id || state.configuration.incoming.size === 1) state.readStates",
      ],
    ],
  },
  {
    name: "a voter that is alone in both halves waits for others to confirm its read",
    edits: [
      [
        "read-index/serve.ts",
        "  answerConfirmedReads(state);\n  return reads.round > 0;",
        "  return reads.round > 0;",
      ],
    ],
  },
  {
    name: "a lease is trusted although no quorum was heard since the last check",
    edits: [["read-index/serve.ts", " && isQuorumActive(state);", ";"]],
  },
  {
    name: "a lease is trusted while leadership is handed over",
    edits: [
      ["read-index/serve.ts", "state.transferee === NO_NODE && isQuorumActive", "isQuorumActive"],
    ],
  },
];
