import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, LIVENESS_DEFAULTS, type NodeFacts } from "../../src/index.ts";

const START = 100_000;
const facts: NodeFacts = {
  state: "ready",
  described: true,
  sessionOpen: true,
  sessionOpenedAtMs: START,
  sessionLostAtMs: undefined,
  bye: false,
  gossip: "alive",
  gossipSinceMs: START - 50_000,
  leadingSinceMs: START - 50_000,
};
const at = (change: Partial<NodeFacts>, afterMs: number) =>
  decide({ ...facts, ...change }, START + afterMs, LIVENESS_DEFAULTS);
const lost = { sessionOpen: false, sessionLostAtMs: START } as const;

describe("a node with a session", () => {
  test("is kept, without a timer", () => {
    expect(at({}, 1e9)).toEqual({ type: "keep", wakeAtMs: undefined });
  });

  test("is kept while gossip only suspects it", () => {
    expect(at({ gossip: "suspect", gossipSinceMs: START + 1 }, 1e9).type).toBe("keep");
  });

  test("is down when gossip finds it dead after the session was opened", () => {
    expect(at({ gossip: "dead", gossipSinceMs: START + 5_000 }, 5_000).type).toBe("down");
  });

  test("is kept when gossip had it dead before the session was opened", () => {
    expect(at({ gossip: "dead", gossipSinceMs: START - 1 }, 1e9).type).toBe("keep");
  });
});

describe("a node whose session was lost", () => {
  test("is down after the loss grace when gossip does not see it", () => {
    for (const gossip of ["suspect", "unknown"] as const) {
      expect(at({ ...lost, gossip, gossipSinceMs: START - 1 }, 2_499)).toEqual({
        type: "keep",
        wakeAtMs: START + 2_500,
      });
      expect(at({ ...lost, gossip, gossipSinceMs: START - 1 }, 2_500)).toEqual({
        type: "down",
        message: "heartbeat failure: session lost and not seen by gossip",
      });
    }
  });

  test("is down at once when gossip then finds it dead", () => {
    expect(at({ ...lost, gossip: "dead", gossipSinceMs: START + 10 }, 10).type).toBe("down");
  });

  test("has longer when gossip sees it alive", () => {
    expect(at(lost, 14_999)).toEqual({ type: "keep", wakeAtMs: START + 15_000 });
    expect(at(lost, 15_000).type).toBe("down");
  });

  test("is down at once after a goodbye, or when it left gossip", () => {
    expect(at({ ...lost, bye: true }, 0)).toEqual({ type: "down", message: "node shut down" });
    expect(at({ ...lost, gossip: "left", gossipSinceMs: START + 1 }, 1).type).toBe("down");
  });
});

describe("under a new leader", () => {
  const unheard = {
    sessionOpen: false,
    sessionOpenedAtMs: undefined,
    gossipSinceMs: START,
    leadingSinceMs: START,
  } as const;

  test("a node alive in gossip is left alone", () => {
    expect(at(unheard, 1e9)).toEqual({ type: "keep", wakeAtMs: undefined });
  });

  test("a node that nobody sees is down after the adoption grace, not before", () => {
    expect(at({ ...unheard, gossip: "suspect" }, 9_999).type).toBe("keep");
    expect(at({ ...unheard, gossip: "suspect" }, 10_000).type).toBe("down");
  });

  test("an inherited verdict of gossip waits for the announcements", () => {
    for (const gossip of ["dead", "left"] as const) {
      const gone = { ...unheard, gossip } as const;
      expect(at(gone, 2_499)).toEqual({ type: "keep", wakeAtMs: START + 2_500 });
      expect(at(gone, 2_500).type).toBe("down");
      expect(at({ ...gone, gossipSinceMs: START + 100 }, 100).type).toBe("down");
    }
  });
});

describe("whatever else is true", () => {
  const anyFacts: fc.Arbitrary<NodeFacts> = fc.record({
    state: fc.constantFrom("unknown", "down", "ready", "disconnected"),
    described: fc.boolean(),
    sessionOpen: fc.boolean(),
    sessionOpenedAtMs: fc.option(fc.nat(20_000), { nil: undefined }),
    sessionLostAtMs: fc.option(fc.nat(20_000), { nil: undefined }),
    bye: fc.boolean(),
    gossip: fc.constantFrom("alive", "suspect", "dead", "left", "unknown"),
    gossipSinceMs: fc.nat(20_000),
    leadingSinceMs: fc.nat(20_000),
  });

  test("a node that is down, or was never here, is not touched", () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(40_000), (any, nowMs) => {
        const still = { ...any, state: "down" } as const;
        expect(decide(still, nowMs, LIVENESS_DEFAULTS).type).toBe("keep");
        const never = { ...any, described: false };
        expect(decide(never, nowMs, LIVENESS_DEFAULTS).type).toBe("keep");
      }),
    );
  });

  test("a node with a session that gossip sees or suspects is kept", () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom("alive", "suspect"), (any, gossip) => {
        const seen = { ...any, gossip, sessionOpen: true } as const;
        expect(decide(seen, 1e9, LIVENESS_DEFAULTS).type).toBe("keep");
      }),
    );
  });

  test("a wake lies ahead, and by then the node is down", () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(40_000), (any, nowMs) => {
        const verdict = decide(any, nowMs, LIVENESS_DEFAULTS);
        if (verdict.type === "down" || verdict.wakeAtMs === undefined) return;
        expect(verdict.wakeAtMs).toBeGreaterThan(nowMs);
        expect(decide(any, verdict.wakeAtMs, LIVENESS_DEFAULTS).type).toBe("down");
      }),
    );
  });
});
