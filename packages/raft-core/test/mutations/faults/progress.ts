import type { Fault } from "../fault.ts";

/** Faults that `progress.test.ts` catches. */
export const PROGRESS: readonly Fault[] = [
  {
    name: "a refusal sends a replicating peer to its hint",
    missedByGoldens: true,
    edits: [
      [
        "progress/progress.ts",
        "this.#next = index(this.#match + 1);",
        "this.#next = index(hint + 1);",
      ],
    ],
  },
  {
    name: "a refusal sends a peer back behind what matches",
    missedByGoldens: true,
    edits: [
      [
        "progress/progress.ts",
        "Math.max(Math.min(rejected, hint + 1), this.#match + 1)",
        "Math.min(rejected, hint + 1)",
      ],
    ],
  },
  {
    name: "a late refusal is taken from a replicating peer",
    missedByGoldens: true,
    edits: [["progress/progress.ts", "if (rejected <= this.#match) return false;", ""]],
  },
  {
    name: "the commit that a heartbeat told is not noted",
    missedByGoldens: true,
    edits: [
      [
        "replication/send.ts",
        'type: "heartbeat", commit, context });\n    peer.sentCommit(commit);',
        'type: "heartbeat", commit, context });',
      ],
    ],
  },
  {
    name: "an empty append pauses a probe",
    missedByGoldens: true,
    edits: [
      [
        "progress/progress.ts",
        "if (entryCount > 0) this.#flowPaused = true;",
        "this.#flowPaused = true;",
      ],
    ],
  },
  {
    name: "a late refusal is taken from a peer that is probed",
    edits: [["progress/progress.ts", "if (rejected !== this.#next - 1) return false;", ""]],
  },
  {
    name: "a refusal goes back entry by entry, though it names a term",
    edits: [["replication/responses.ts", "if (message.logTerm > 0)", "if (false)"]],
  },
  {
    name: "a peer that refused goes on to be sent to ahead",
    edits: [
      ["replication/responses.ts", 'if (peer.state === "replicate") peer.becomeProbe();', ""],
    ],
  },
  {
    name: "a probe sends on without an answer",
    edits: [["progress/progress.ts", "if (entryCount > 0) this.#flowPaused = true;", ""]],
  },
  {
    name: "a probe is not tried again when the peer shows up",
    edits: [["replication/responses.ts", "peer.resume();", ""]],
  },
  {
    name: "an unreachable peer is sent to ahead",
    edits: [["progress/reports.ts", 'if (peer.state === "replicate") peer.becomeProbe();', ""]],
  },
  {
    name: "a peer that has everything is not asked again after it was unreachable",
    edits: [
      [
        "replication/responses.ts",
        'peer.match < state.log.lastIndex || peer.state === "probe"',
        "peer.match < state.log.lastIndex",
      ],
    ],
  },
  {
    name: "a peer that has everything stays in probe after it was unreachable",
    edits: [
      [
        "replication/responses.ts",
        'peer.acknowledge(index) || (peer.match === index && peer.state === "probe")',
        "peer.acknowledge(index)",
      ],
    ],
  },
  {
    name: "a full window is sent into",
    edits: [
      ["replication/send.ts", 'peer.state === "replicate" && peer.inflights.full', "false"],
      [
        "progress/progress.ts",
        'this.#state === "snapshot" || this.#flowPaused',
        'this.#state === "snapshot"',
      ],
    ],
  },
  {
    name: "an acknowledgement does not free the window",
    edits: [["replication/responses.ts", "peer.inflights.freeTo(index);", ""]],
  },
  {
    name: "bytes without an answer have no limit",
    edits: [["progress/inflights.ts", "|| this.#bytes >= this.#limits.bytes", ""]],
  },
  {
    name: "bytes without an answer stay counted when the window is emptied",
    edits: [["progress/inflights.ts", "this.#bytes = 0;", ""]],
  },
  {
    name: "next falls back to match",
    edits: [["progress/progress.ts", "this.#next = index(Math.max(this.#next, match + 1));", ""]],
  },
  {
    name: "the commit is told only along with entries",
    edits: [["replication/responses.ts", "peer.canBumpCommit(state.log.committed)", "false"]],
  },
  {
    name: "the commit is told again and again",
    edits: [
      [
        "progress/progress.ts",
        "commit > this.#sentCommit && this.#sentCommit < this.#next - 1",
        "true",
      ],
      ["replication/responses.ts", "if (!reached) return;", ""],
    ],
  },
];
