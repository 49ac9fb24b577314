import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { ConfChange, ConfState, Message, RaftOptions } from "../../src/index.ts";
import { bytes } from "../group/group.ts";
import { change, members } from "../membership/change-text.ts";
import { stored } from "../paper/stored.ts";
import { anyHostileMessage } from "./message.ts";
import type { HostileMessage } from "./message.ts";
import { Victim } from "./victim.ts";

const SEED = 20_261_122;
/** More by `HOSTILE_RUNS`: 20,000 take twenty seconds. */
const RUNS = Number(process.env["HOSTILE_RUNS"] ?? 1_500);

type Step =
  | { readonly do: "take"; readonly message: HostileMessage }
  | { readonly do: "tick"; readonly count: number }
  | { readonly do: "propose-change"; readonly change: ConfChange }
  | { readonly do: "transfer"; readonly to: number | undefined }
  | { readonly do: "report"; readonly id: number; readonly outcome: "finished" | "failed" }
  | { readonly do: Plain };
const PLAIN = [
  "drive",
  "settle",
  "campaign",
  "win",
  "propose",
  "read",
  "forget",
  "compact",
] as const;
type Plain = (typeof PLAIN)[number];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.record({ do: fc.constant("take" as const), message: anyHostileMessage }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom(...PLAIN, "drive", "settle", "win") }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("tick" as const), count: fc.constantFrom(1, 2, 11) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("propose-change" as const),
      change: fc.constantFrom(change("v4"), change("r1"), change("l3 v4"), change("")),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("transfer" as const),
      to: fc.constantFrom(undefined, 1, 2, 9),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("report" as const),
      id: fc.constantFrom(1, 2, 9),
      outcome: fc.constantFrom("finished" as const, "failed" as const),
    }),
  },
);

const GROUPS: readonly ConfState[] = [
  members({ voters: [1, 2, 3] }),
  members({ voters: [1] }),
  members({ voters: [1, 2], learners: [3] }),
  members({ voters: [2, 3], learners: [1] }),
  members({ voters: [2, 3] }),
  members({ voters: [1, 2], votersOutgoing: [1, 3], learnersNext: [3] }),
  members({ voters: [2, 3], votersOutgoing: [1], autoLeave: true }),
];

const options = fc
  .record({
    confState: fc.constantFrom(...GROUPS),
    terms: fc.constantFrom([1], [1, 1, 1], [1, 1, 2, 4]),
    joiner: fc.constantFrom(false, false, false, false, true),
    preVote: fc.boolean(),
    checkQuorum: fc.boolean(),
    lease: fc.boolean(),
    stepDownOnRemoval: fc.boolean(),
    forwardProposals: fc.boolean(),
    validateChanges: fc.boolean(),
    asyncStorageWrites: fc.boolean(),
    priority: fc.constantFrom(0, 3),
    maxInflightAppends: fc.constantFrom(1, 3),
    maxBytesPerAppend: fc.constantFrom(1, 1000),
    maxCommittedBytesPerReady: fc.constantFrom(1, 1000),
    maxUncommittedBytes: fc.constantFrom(60, 100_000),
  })
  .map(({ confState, terms, joiner, lease, ...more }) => ({
    ...more,
    readMode: lease && more.checkQuorum ? ("lease" as const) : ("quorum" as const),
    initial: joiner
      ? { hardState: undefined, snapshot: undefined, entries: [] }
      : stored(terms, { members: confState }),
  }));

/** Plays an honest election, so that the victim leads often enough. */
function win(victim: Victim): void {
  victim.core.campaign();
  victim.settle();
  for (const type of ["pre-vote-response", "vote-response"] as const)
    for (const from of [2, 3]) {
      const { role, term } = victim.core.status();
      if (role === "leader" || role === "follower") return;
      const asked = type === "pre-vote-response" ? term + 1 : term;
      const vote = { type, from, to: 1, term: asked, reject: false };
      victim.tried(() => {
        victim.core.step(vote as unknown as Message);
      });
      victim.settle();
    }
}

/** False for a message that was refused. */
function act(victim: Victim, one: Step): boolean {
  const { core } = victim;
  switch (one.do) {
    case "take": {
      const refused = victim.take(one.message);
      if (refused !== undefined) expect(refused).toBe("invalid-message");
      return refused === undefined;
    }
    case "tick":
      for (let tick = 0; tick < one.count; tick += 1) core.tick();
      return true;
    case "propose-change":
      victim.tried(() => {
        core.proposeConfChange(one.change);
      });
      return true;
    case "transfer":
      victim.tried(() => {
        core.transferLeadership(one.to === undefined ? undefined : nodeId(one.to));
      });
      return true;
    case "report":
      core.reportUnreachable(nodeId(one.id));
      core.reportSnapshot(nodeId(one.id), one.outcome);
      return true;
    default:
      actPlainly(victim, one.do);
      return true;
  }
}

function actPlainly(victim: Victim, what: Plain): void {
  const { core } = victim;
  switch (what) {
    case "drive":
      victim.drive();
      return;
    case "settle":
      victim.settle();
      return;
    case "campaign":
      core.campaign();
      return;
    case "win":
      win(victim);
      return;
    case "propose":
      victim.tried(() => {
        core.propose([bytes("x")]);
      });
      return;
    case "read":
      victim.tried(() => {
        core.readIndex(bytes("r"));
      });
      return;
    case "forget":
      core.forgetLeader();
      return;
    case "compact":
      victim.compact();
  }
}

describe("nothing that a peer sends", () => {
  test("reaches an invariant, in any role, log or configuration", () => {
    const met = new Set<string>();
    fc.assert(
      fc.property(options, fc.array(step, { minLength: 10, maxLength: 60 }), (of, steps) => {
        const victim = new Victim(of satisfies Partial<RaftOptions>);
        for (const one of steps) {
          const { role } = victim.core.status();
          const taken = act(victim, one);
          if (one.do === "take" && taken) met.add(`${role} ${one.message.type}`);
        }
        victim.settle();
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Every kind of message was let in, in every role.
    expect(met.size).toBe(4 * 14);
  });
});
