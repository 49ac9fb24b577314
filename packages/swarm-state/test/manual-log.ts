import type { Proposer } from "../src/store.ts";

interface Pending {
  readonly data: Uint8Array;
  readonly resolve: (index: number) => void;
  readonly reject: (error: unknown) => void;
}

class ProposalError extends Error {
  override readonly name = "ProposalError";
  readonly outcome: "refused" | "unknown";

  constructor(outcome: "refused" | "unknown") {
    super(outcome);
    this.outcome = outcome;
  }
}

/** A log whose every step the test decides. Entries come to `appliers` in the order of proposal. */
export interface ManualLog extends Proposer {
  readonly pending: number;
  readonly index: number;
  /** All entries committed so far, in order. */
  readonly entries: readonly Uint8Array[];
  readonly appliers: ((index: number, data: Uint8Array) => void)[];
  /** Commits the oldest pending entry. */
  commit(): void;
  /** Commits an entry that came from elsewhere. */
  inject(data: Uint8Array): void;
  /** The `at`th pending proposal never comes to the log, and its author is told. */
  refuse(at: number): void;
  /** The author of the `at`th is told that nobody knows; it stays in the log or is lost. */
  forget(at: number, lost: boolean): void;
  /** Leadership went: all after the first `kept` are gone from the log, and nobody is told. */
  truncate(kept: number): void;
}

export function createManualLog(): ManualLog {
  let pending: Pending[] = [];
  const entries: Uint8Array[] = [];
  const appliers: ManualLog["appliers"] = [];
  const inject = (data: Uint8Array): void => {
    entries.push(data);
    for (const apply of appliers) apply(entries.length, data);
  };
  const reject = (at: number, outcome: "refused" | "unknown", stays: boolean): void => {
    const entry = pending[at]!;
    if (!stays) pending = pending.filter((other) => other !== entry);
    entry.reject(new ProposalError(outcome));
  };
  return {
    get pending() {
      return pending.length;
    },
    get index() {
      return entries.length;
    },
    entries,
    appliers,
    propose: (data) =>
      new Promise((resolve, refuse) => void pending.push({ data, resolve, reject: refuse })),
    commit: () => {
      const entry = pending.shift()!;
      inject(entry.data);
      entry.resolve(entries.length);
    },
    inject,
    refuse: (at) => reject(at, "refused", false),
    forget: (at, lost) => reject(at, "unknown", !lost),
    truncate: (kept) => {
      pending = pending.slice(0, kept);
    },
  };
}

/** Lets every promise that is settled by now tell those who wait for it. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
