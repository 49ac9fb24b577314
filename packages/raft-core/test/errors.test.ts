import { describe, expect, test } from "vitest";
import { isRaftError, nodeId } from "../src/index.ts";
import type {
  ConfChange,
  ConfChangeSingle,
  RaftError,
  RaftErrorDetails,
  RaftOptions,
  RaftRetry,
} from "../src/index.ts";
import { bytes } from "./group/group.ts";
import { Single } from "./paper/single.ts";

function change(
  changes: readonly [ConfChangeSingle["type"], number][],
  transition: ConfChange["transition"] = "auto",
): ConfChange {
  return {
    transition,
    changes: changes.map(([type, node]) => ({ type, node: node as never })),
    context: bytes(""),
  };
}

function refusalOf(run: () => unknown): RaftError {
  try {
    run();
  } catch (error) {
    if (isRaftError(error)) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

const leading = (options: Partial<RaftOptions> = {}): Single =>
  new Single([1, 2, 3], options).lead().ack(2).ack(3);
const joint = (): Single => {
  const single = leading();
  single.core.applyConfChange(change([["add-voter", 4]], "joint-explicit"));
  return single.run();
};
const propose = ({ core }: Single): void => {
  core.propose([bytes("more")]);
};
const proposing =
  (...args: Parameters<typeof change>) =>
  ({ core }: Single): void => {
    core.proposeConfChange(change(...args));
  };

interface Case {
  readonly single: () => Single;
  readonly run: (single: Single) => unknown;
  readonly details: RaftErrorDetails;
  readonly retry: RaftRetry;
}

const unsupported = (
  reason: Extract<RaftErrorDetails, { code: "unsupported-change" }>["reason"],
): Pick<Case, "details" | "retry"> => ({
  details: { code: "unsupported-change", reason },
  retry: "never",
});

const CASES: Readonly<Record<string, Case>> = {
  "a proposal without a leader": {
    single: () => new Single(),
    run: propose,
    details: { code: "no-leader" },
    retry: "later",
  },
  "a proposal that is not forwarded": {
    single: () => new Single([1, 2], { forwardProposals: false }).from(2, "heartbeat"),
    run: propose,
    details: { code: "not-leader", leader: nodeId(2) },
    retry: "at-leader",
  },
  "a proposal during a transfer": {
    single: () => {
      const single = leading().propose("x");
      single.core.transferLeadership(nodeId(3));
      return single.run();
    },
    run: propose,
    details: { code: "transfer-in-progress", transferee: nodeId(3) },
    retry: "later",
  },
  "a proposal beyond the limit": {
    single: () => leading({ maxUncommittedBytes: 30 }).propose("x"),
    run: propose,
    details: { code: "uncommitted-limit", bytes: 28, waitingBytes: 25, maxBytes: 30 },
    retry: "later",
  },
  "a proposal of one that was removed": {
    single: () => {
      const single = leading({ stepDownOnRemoval: false });
      single.core.applyConfChange(change([["remove", 1]]));
      return single.run();
    },
    run: propose,
    details: { code: "not-a-member" },
    retry: "never",
  },
  "a change before the last is applied": {
    single: () => {
      const single = leading();
      single.core.proposeConfChange(change([["add-voter", 4]]));
      return single.run();
    },
    run: proposing([["add-voter", 5]]),
    details: { code: "change-in-flight", index: 3 as never, applied: 2 as never },
    retry: "after-apply",
  },
  "a change of a joint configuration": {
    single: joint,
    run: proposing([["add-voter", 5]]),
    details: { code: "joint-configuration" },
    retry: "after-apply",
  },
  "a change of nothing, that would enter a joint configuration from one": {
    single: joint,
    run: proposing([], "joint-explicit"),
    details: { code: "joint-configuration" },
    retry: "after-apply",
  },
  "leaving what was not entered": {
    single: leading,
    run: proposing([]),
    details: { code: "not-joint" },
    retry: "never",
  },
  "entering a joint configuration of equal halves": {
    single: leading,
    run: proposing([], "joint-implicit"),
    details: { code: "not-joint" },
    retry: "never",
  },
  "removing the last voter": {
    single: () => {
      const single = new Single([1]);
      single.core.campaign();
      return single.run();
    },
    run: proposing([["remove", 1]]),
    ...unsupported("no-voters"),
  },
  "a change of an unknown kind": {
    single: leading,
    run: proposing([["promote" as never, 2]]),
    ...unsupported("unknown-type"),
  },
  "a change of an unknown kind on a follower": {
    single: () => new Single().from(2, "heartbeat"),
    run: proposing([["promote" as never, 2]]),
    ...unsupported("unknown-type"),
  },
  "a transition of an unknown kind": {
    single: leading,
    run: proposing([["add-voter", 4]], "slowly" as never),
    ...unsupported("unknown-type"),
  },
  "a change of what is no node": {
    single: leading,
    run: proposing([["add-voter", 1.5]]),
    ...unsupported("not-a-node-id"),
  },
  "applying a change that the members do not allow": {
    single: joint,
    run: ({ core }) => core.applyConfChange(change([["add-voter", 5]])),
    details: { code: "joint-configuration" },
    retry: "after-apply",
  },
  "applying the removal of all voters": {
    single: leading,
    run: ({ core }) =>
      core.applyConfChange(
        change([
          ["remove", 1],
          ["remove", 2],
          ["remove", 3],
        ]),
      ),
    ...unsupported("no-voters"),
  },
  "a message that no peer sends": {
    single: leading,
    run: (single) => single.from(2, "append-response", { index: 99 }),
    details: { code: "invalid-message", peer: nodeId(2) },
    retry: "never",
  },
  "advancing what was not taken": {
    single: leading,
    run: ({ core }) => {
      core.advance();
    },
    details: { code: "out-of-turn" },
    retry: "never",
  },
  "a proposal of nothing": {
    single: leading,
    run: ({ core }) => {
      core.propose([]);
    },
    details: { code: "invalid-argument" },
    retry: "never",
  },
};

describe("refused, with nothing changed:", () => {
  test.each(Object.entries(CASES))("%s", (_what, { single: make, run, details, retry }) => {
    const single = make();
    const before = JSON.stringify(single.core.status());
    const error = refusalOf(() => run(single));
    expect(error).toMatchObject({ name: "RaftError", code: details.code, details, retry });
    expect(JSON.stringify(single.core.status())).toBe(before);
    expect(single.core.hasReady()).toBe(false);
  });
});

test("a change of nobody is allowed: an application so says that it refused one", () => {
  const single = leading();
  expect(single.core.applyConfChange(change([["remove", 0]]))).toMatchObject({
    voters: [1, 2, 3],
  });
});
