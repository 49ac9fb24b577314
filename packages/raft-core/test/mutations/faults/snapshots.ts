import type { Fault } from "../fault.ts";

/** Faults that `snapshots.test.ts` catches. */
export const SNAPSHOTS: readonly Fault[] = [
  {
    name: "a snapshot is sent to a silent peer",
    missedByGoldens: true,
    edits: [["replication/send.ts", "if (!peer.recentlyActive) {", "if (false) {"]],
  },
  {
    name: "a snapshot of what the log holds replaces the log",
    missedByGoldens: true,
    edits: [["replication/receive.ts", "if (log.matches(index, term)) {", "if (false) {"]],
  },
  {
    name: "the term of a compacted entry passes for 0",
    edits: [
      [
        "log/raft-log.ts",
        "at === this.#anchor.index ? this.#anchor.term : undefined",
        "at === this.#anchor.index ? this.#anchor.term : (0 as Term)",
      ],
      [
        "log/raft-log.ts",
        "if (from <= this.#anchor.index) return undefined;",
        "if (from <= this.#anchor.index) return EMPTY_PAGE;",
      ],
    ],
  },
  {
    name: "a peer that waits for a snapshot is sent something else",
    edits: [
      [
        "progress/progress.ts",
        'this.#state === "snapshot" || this.#flowPaused',
        "this.#flowPaused",
      ],
    ],
  },
  {
    name: "only the snapshot that was sent last ends the wait for it",
    edits: [
      [
        "replication/responses.ts",
        "if (peer.match + 1 < state.log.firstIndex) return;",
        "if (peer.match < peer.pendingSnapshot) return;",
      ],
    ],
  },
  {
    name: "a snapshot that failed counts as arrived",
    edits: [["progress/reports.ts", 'if (outcome === "failed") peer.snapshotFailed();', ""]],
  },
  {
    name: "a snapshot that arrived is sent again",
    edits: [
      [
        "progress/progress.ts",
        "Math.max(this.#match + 1, this.#pendingSnapshot + 1)",
        "this.#match + 1",
      ],
    ],
  },
  {
    name: "a peer whose snapshot was reported is sent to before it answers",
    edits: [["progress/reports.ts", "peer.pause();", ""]],
  },
  {
    name: "a snapshot from before the commit is taken",
    edits: [["replication/receive.ts", "if (index <= log.committed) return false;", ""]],
  },
  {
    name: "a snapshot that does not name its receiver is refused",
    edits: [
      [
        "replication/receive.ts",
        "if (index <= log.committed) return false;",
        "if (index <= log.committed || !confState.voters.includes(state.id)) return false;",
      ],
    ],
  },
  {
    name: "a snapshot is acknowledged before it is durable",
    edits: [["outbox.ts", 'case "append-response":\n    ', ""]],
  },
  {
    name: "a snapshot does not move the mark of what is durable",
    edits: [["log/unstable.ts", "this.#from = index(snapshot.metadata.index + 1);", ""]],
  },
  {
    name: "the members of a snapshot are not taken over",
    edits: [
      ["replication/receive.ts", "switchConfiguration(state, configurationOf(confState));", ""],
    ],
  },
];
