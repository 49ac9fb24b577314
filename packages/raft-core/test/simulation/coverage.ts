import type { RaftTrace } from "../../src/index.ts";

/** How often things happened, by name: shows that no part of the simulation is dead. */
export type Coverage = Map<string, number>;

export function count(coverage: Coverage, name: string, by = 1): void {
  coverage.set(name, (coverage.get(name) ?? 0) + by);
}

/** Adds all of `more` to `coverage`. */
export function addCoverage(coverage: Coverage, more: Iterable<readonly [string, number]>): void {
  for (const [name, by] of more) count(coverage, name, by);
}

/** Counts an event of the core by its kind, and by what tells its kinds apart. */
export function countTrace(coverage: Coverage, event: RaftTrace): void {
  count(coverage, traceName(event));
}

function traceName(event: RaftTrace): string {
  const { type } = event;
  switch (event.type) {
    case "role":
      return `became ${event.role}`;
    case "sent":
      return `sent ${event.message.type}`;
    case "campaign-refused":
    case "proposal-dropped":
    case "transfer-ignored":
    case "write-ignored":
      return `${type}: ${event.reason}`;
    case "change-refused":
      return `${type}: ${event.obstacle.kind}`;
    case "transfer":
    case "auto-leave":
    case "timeout-now":
    case "snapshot-reported":
      return `${type}: ${event.outcome}`;
    case "timeout-now-sent":
      return `${type}: ${event.when}`;
    case "vote-answered":
      return `${event.pre ? "pre-vote" : "vote"} ${event.granted ? "granted" : "refused"}`;
    case "tail-replaced":
      return `tail-replaced: ${event.all ? "all" : "middle"}`;
    default:
      return type;
  }
}

/** What every few hundred seeds show at least once. */
export const EXPECTED_COVERAGE: readonly string[] = [
  "became leader",
  "became pre-candidate",
  "became candidate",
  "quorum-lost",
  "vote granted",
  "vote refused",
  "pre-vote granted",
  "pre-vote refused",
  "vote-ignored",
  "later-term",
  "earlier-term",
  "earlier-write",
  "write-ignored: missing",
  "conflict-found",
  "tail-replaced: all",
  "append-rejected",
  "append-refused",
  "peer-decreased",
  "peer-recovered",
  "peer-unreachable",
  "snapshot-sent",
  "snapshot-restored",
  "snapshot-known",
  "snapshot-reported: finished",
  "snapshot-reported: failed",
  "transfer: started",
  "transfer: aborted",
  "transfer: superseded",
  "timeout-now: campaigns",
  "timeout-now-sent: at-once",
  "timeout-now-sent: caught-up",
  "transfer to whom the leader chose",
  "campaign-refused: pending-change",
  "proposal-dropped: no-leader",
  "proposal-dropped: transfer-in-progress",
  "proposal-dropped: uncommitted-limit",
  "proposal-dropped: not-a-member",
  "change-refused: unapplied",
  "change-refused: joint",
  "auto-leave: proposed",
  "auto-leave: dropped",
  "leader-forgotten",
  "read-dropped",
  "unknown-peer",
  "answer-dropped",
  "sent append",
  "sent snapshot",
  "sent propose",
  "sent read-index",
  "sent read-index-response",
  "sent transfer-leader",
  "read confirmed",
  "crash: lost",
  "crash: whole",
  "crash: torn",
  "crash of the whole group",
  "restart with entries to apply again",
  "pause",
  "partition: one-way",
  "partition: two-way",
  "compaction",
  "joint entered",
  "joint left",
  "joint left explicitly",
  "member added",
  "learner added",
  "learner promoted",
  "voter demoted",
  "member removed",
  "member added again",
  "leader removed",
  "leader replaced",
];
