import type { Fault } from "../fault.ts";

/** Faults that `commit.test.ts` catches. */
export const COMMIT: readonly Fault[] = [
  {
    name: "an entry of an earlier term is committed by counting",
    missedByGoldens: true,
    edits: [["commit/commit.ts", "if (state.log.termAt(index) !== state.term) return false;", ""]],
  },
  {
    name: "a smaller quorum commits nothing by itself",
    missedByGoldens: true,
    edits: [["membership/switch.ts", "if (!advanceCommit(state))", ""]],
  },
  {
    name: "what is not durable is handed out for applying with asynchronous writes",
    missedByGoldens: true,
    edits: [["log/raft-log.ts", "if (!this.#durableOnly) return", "return"]],
  },
  {
    name: "applying goes on at the byte limit",
    missedByGoldens: true,
    edits: [
      [
        "log/raft-log.ts",
        "this.unstable.snapshot !== undefined || this.#applyingPaused",
        "this.unstable.snapshot !== undefined",
      ],
    ],
  },
  {
    name: "half of the voters commit",
    edits: [["quorum/majority.ts", "Math.floor(count / 2) + 1", "Math.ceil(count / 2)"]],
  },
  {
    name: "a leader appends no entry of its own term",
    edits: [
      [
        "roles/transitions.ts",
        'appendLocal(state, [{ kind: "normal", data: new Uint8Array(0) }]);',
        "",
      ],
    ],
  },
  {
    name: "one half of a joint configuration commits",
    edits: [["quorum/joint.ts", "majorityIndex(voters.outgoing, acknowledged)", "Infinity"]],
  },
  {
    name: "a leader counts its own copy before it is durable",
    edits: [
      [
        "replication/append-local.ts",
        "send(state, {",
        "state.progress.get(state.id)?.acknowledge(state.log.lastIndex);\n  send(state, {",
      ],
    ],
  },
  {
    name: "a single voter is handed its entry as committed before that is durable",
    edits: [
      [
        "replication/propose.ts",
        "appendLocal(state, allowed);",
        "appendLocal(state, allowed);\n  if (state.configuration.incoming.size === 1) state.log.commitTo(state.log.lastIndex);",
      ],
    ],
  },
  {
    name: "a heartbeat names a commit that the peer may not have",
    edits: [
      ["replication/send.ts", "Math.min(peer.match, state.log.committed)", "state.log.committed"],
    ],
  },
  {
    name: "a follower commits beyond what it knows to match",
    edits: [["replication/receive.ts", "Math.min(message.commit, matched)", "message.commit"]],
  },
  {
    name: "the commit index goes back",
    edits: [["log/raft-log.ts", "if (to <= this.#committed) return;", ""]],
  },
  {
    name: "a commit alone asks for a sync",
    edits: [["ready-gate.ts", "|| this.#voteChanged(),", "|| this.#hardChanged(),"]],
  },
  {
    name: "an acknowledgement leaves before its entries are durable",
    edits: [["outbox.ts", 'case "append-response":\n    ', ""]],
  },
  {
    name: "the byte limit of applying holds for each Ready alone",
    edits: [["log/raft-log.ts", "this.#applyingBytes += bytes;", "this.#applyingBytes = bytes;"]],
  },
  {
    name: "a Ready is handed out again before the last one was dealt with",
    edits: [
      [
        "ready-gate.ts",
        'throw new RaftError({ code: "out-of-turn" }, "ready() before advance() for the last one");',
        "void 0;",
      ],
    ],
  },
  {
    name: "there is no limit to what waits for its commit",
    edits: [
      [
        "replication/propose.ts",
        "const limited = waitingBytes > 0 && bytes > 0;",
        "const limited = false;",
      ],
    ],
  },
  {
    name: "committed bytes go on to count as waiting",
    edits: [
      [
        "ready-gate.ts",
        "state.uncommittedBytes = Math.max(0, state.uncommittedBytes - entriesBytes(entries));",
        "{}",
      ],
    ],
  },
  {
    name: "bytes of an earlier leadership go on to count as waiting",
    edits: [["roles/transitions.ts", "state.uncommittedBytes = 0;", ""]],
  },
  {
    name: "a leader that comes back counts its own copy before it is durable",
    edits: [
      [
        "membership/switch.ts",
        "match: 0 as LogIndex,",
        "match: (id === state.id ? last : 0) as LogIndex,",
      ],
      [
        "membership/switch.ts",
        "next: Math.max(last, 1) as LogIndex,",
        "next: (id === state.id ? last + 1 : Math.max(last, 1)) as LogIndex,",
      ],
    ],
  },
  {
    name: "a refused change counts by its own bytes, not by what takes its place",
    edits: [
      [
        "replication/propose.ts",
        "state.uncommittedBytes += entriesBytes(appendDrafts(state, drafts));",
        "state.uncommittedBytes += entriesBytes(drafts);\n  appendDrafts(state, drafts);",
      ],
    ],
  },
];
