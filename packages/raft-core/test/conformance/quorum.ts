import type { NodeId } from "../../src/index.ts";
import { ascending } from "../../src/membership/configuration.ts";
import { jointIndex, jointVote } from "../../src/quorum/joint.ts";
import { majorityIndex, majorityOf, majorityVote } from "../../src/quorum/majority.ts";
import { parseId, parseWhole } from "./arguments.ts";
import { DataDrivenError } from "./datadriven.ts";
import type { Case } from "./datadriven.ts";

type Voters = ReadonlySet<NodeId>;
type Acknowledged = ReadonlyMap<NodeId, number>;

interface Question {
  readonly first: Voters;
  /** The other half; undefined outside of a joint configuration. */
  readonly second: Voters | undefined;
  /** Per distinct voter; `_` when nothing is known. */
  readonly values: readonly string[];
}

const NOBODY: Voters = new Set<NodeId>();
const VOTES = { pending: "VotePending", lost: "VoteLost", won: "VoteWon" } as const;

/** Runs the cases of a quorum file. */
export function createQuorumRun(): (test: Case) => string {
  return (test) => {
    const question = questionOf(test);
    const voters = union(question);
    if (voters.length !== question.values.length) return mismatch(voters, question.values);
    switch (test.command) {
      case "committed":
        return committed(test, question);
      case "vote":
        return vote(question);
      default:
        throw new DataDrivenError(test.line, `unknown command: ${test.command}`);
    }
  };
}

function mismatch(voters: readonly NodeId[], values: readonly string[]): string {
  const ids = ascending(voters).map((id) => `${id}:{}`);
  return `error: mismatched input (explicit or _) for voters map[${ids.join(" ")}]: [${values.join(" ")}]`;
}

/** What has to give the same result did not: a fault of the quorum code, not of the file. */
function agree(result: unknown, other: unknown, how: string): void {
  if (other !== result)
    throw new Error(`${String(other)} <-- via ${how}, in place of ${String(result)}`);
}

function questionOf(test: Case): Question {
  const list = (key: string): readonly string[] | undefined =>
    test.args.find((arg) => arg.key === key)?.values;
  const ids = (values: readonly string[]): Voters => new Set(values.map((id) => parseId(test, id)));
  const joint = list("cfgj");
  return {
    first: ids(list("cfg") ?? []),
    second: joint && (joint[0] === "zero" ? NOBODY : ids(joint)),
    values: list(test.command === "vote" ? "votes" : "idx") ?? [],
  };
}

/** In the order in which the values are given. */
function union({ first, second }: Question): readonly NodeId[] {
  return [...new Set([...first, ...(second ?? NOBODY)])];
}

function committed(test: Case, question: Question): string {
  const acknowledged = new Map<NodeId, number>();
  for (const [at, id] of union(question).entries()) {
    const value = question.values[at] ?? "_";
    if (value === "_") continue;
    const index = parseWhole(test, value);
    if (index === 0) throw new DataDrivenError(test.line, "use '_' for 0");
    acknowledged.set(id, index);
  }
  const by = (id: NodeId): number => acknowledged.get(id) ?? 0;
  const { first, second } = question;
  const result =
    second === undefined
      ? majorityIndex(first, by)
      : jointIndex({ incoming: first, outgoing: second }, by);
  if (second === undefined) checkMajority(first, by, result);
  else agree(result, jointIndex({ incoming: second, outgoing: first }, by), "symmetry");
  return `${describeIndexes(union(question), acknowledged)}${shown(result)}\n`;
}

function shown(index: number): string {
  return index === Infinity ? "∞" : String(index);
}

/** A table of who acknowledged what, with a bar for the rank. */
function describeIndexes(voters: readonly NodeId[], acknowledged: Acknowledged): string {
  if (voters.length === 0) return "<empty majority quorum>";
  const ids = ascending(voters);
  const index = (id: NodeId): number => acknowledged.get(id) ?? 0;
  const ranked = ids.toSorted((a, b) => index(a) - index(b) || a - b);
  const bars = new Map<NodeId, number>();
  for (const [at, id] of ranked.entries()) {
    const before = ranked[at - 1];
    const same = before !== undefined && index(before) === index(id);
    bars.set(id, same ? (bars.get(before) ?? 0) : at);
  }
  const rows = ids.map((id) => {
    const bar = bars.get(id) ?? 0;
    const head = acknowledged.has(id)
      ? `${"x".repeat(bar)}>${" ".repeat(ids.length - bar)}`
      : `?${" ".repeat(ids.length)}`;
    return `${head} ${String(index(id)).padStart(5)}    (id=${id.toString(16)})\n`;
  });
  return `${" ".repeat(ids.length)}    idx\n${rows.join("")}`;
}

/** What must agree with the index that a majority has acknowledged. */
function checkMajority(voters: Voters, by: (id: NodeId) => number, result: number): void {
  agree(result, alternative(voters, by), "alternative computation");
  agree(result, jointIndex({ incoming: voters, outgoing: NOBODY }, by), "zero-joint quorum");
  agree(result, jointIndex({ incoming: voters, outgoing: voters }, by), "self-joint quorum");
  // Whoever is behind the result already may fall back further without changing it.
  for (const id of voters) {
    if (by(id) >= result) continue;
    for (const lower of new Set([Math.max(by(id) - 1, 0), 0])) {
      const overlaid = (who: NodeId): number => (who === id ? lower : by(who));
      agree(result, majorityIndex(voters, overlaid), `overlaying ${id}->${lower}`);
    }
  }
}

/** The largest acknowledged index that a majority has reached, by counting. */
function alternative(voters: Voters, by: (id: NodeId) => number): number {
  if (voters.size === 0) return Infinity;
  let best = 0;
  for (const candidate of voters) {
    const index = by(candidate);
    const reached = [...voters].filter((id) => by(id) >= index).length;
    if (reached >= majorityOf(voters.size)) best = Math.max(best, index);
  }
  return best;
}

function vote(question: Question): string {
  const votes = new Map<NodeId, boolean>();
  for (const [at, id] of union(question).entries()) {
    const value = question.values[at];
    if (value === "y" || value === "n") votes.set(id, value === "y");
  }
  const { first, second } = question;
  if (second === undefined) return `${VOTES[majorityVote(first, votes)]}\n`;
  const result = jointVote({ incoming: first, outgoing: second }, votes);
  agree(result, jointVote({ incoming: second, outgoing: first }, votes), "symmetry");
  return `${VOTES[result]}\n`;
}
