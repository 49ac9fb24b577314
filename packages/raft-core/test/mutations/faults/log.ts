import type { Fault } from "../fault.ts";

/** Faults that `log.test.ts` catches. */
export const LOG: readonly Fault[] = [
  {
    name: "an append from before the commit is not acknowledged with the commit",
    missedByGoldens: true,
    edits: [["replication/receive.ts", "if (message.index < log.committed) {", "if (false) {"]],
  },
  {
    name: "an overwritten middle counts as being written",
    missedByGoldens: true,
    edits: [
      ["log/unstable.ts", "this.#unwrittenFrom = index(Math.min(this.#unwrittenFrom, first));", ""],
    ],
  },
  {
    name: "the end of a log stays when its middle is overwritten",
    missedByGoldens: true,
    edits: [
      [
        "log/raft-log.ts",
        "if (first.index <= this.lastIndex) this.#entries.length = first.index - this.#base - 1;",
        "const rest = this.#entries.splice(first.index - this.#base - 1);",
      ],
      [
        "log/raft-log.ts",
        "this.unstable.overwritten(first.index);",
        "this.#entries.push(...rest.slice(entries.length));\n    this.unstable.overwritten(first.index);",
      ],
    ],
  },
  {
    name: "an append from before what is compacted is refused",
    edits: [["replication/receive.ts", "if (message.index < log.committed) {", "if (false) {"]],
  },
  {
    name: "an append that repeats the middle of the log cuts off its end",
    edits: [
      [
        "log/raft-log.ts",
        "if (!this.matches(entry.index, entry.term)) break;",
        "if (entry.index > this.#committed) break;",
      ],
    ],
  },
  {
    name: "an append after an entry of another term is taken",
    edits: [
      [
        "log/raft-log.ts",
        "if (!this.matches(previous, previousTerm)) return undefined;",
        "if (previous > this.lastIndex) return undefined;",
      ],
    ],
  },
  {
    name: "a write of entries that were overwritten since makes the new ones durable",
    edits: [["log/raft-log.ts", 'this.matches(at, term) ? undefined : "other-term"', "undefined"]],
  },
  {
    name: "the answer to an earlier write counts although the same entries came back (ABA)",
    edits: [["ready-gate.ts", "if (messageTerm < term)", "if (false)"]],
  },
  {
    name: "the end of the log is told only with entries",
    edits: [
      [
        "storage-requests.ts",
        "state.log.unstableCount > 0 || snapshot !== undefined",
        "entries.length > 0 || snapshot !== undefined",
      ],
    ],
  },
  {
    name: "what was handed out for writing is handed out again",
    edits: [
      [
        "log/unstable.ts",
        "this.#unwrittenFrom = index(Math.max(this.#unwrittenFrom, last + 1));",
        "",
      ],
      [
        "log/unstable.ts",
        "this.#unwrittenFrom = index(Math.max(this.#unwrittenFrom, this.#from));",
        "",
      ],
    ],
  },
];
