import { describe, expect, test } from "vitest";
import { bootstrapState, createRaftCore, isRaftOptionsError, nodeId } from "../../src/index.ts";
import type { InitialState, RaftCore, RaftOptions } from "../../src/index.ts";

const voters = [1, 2, 3].map(nodeId);
const { snapshot } = bootstrapState(voters);

function entry(index: number, term: number): object {
  return { kind: "normal", index, term, data: new Uint8Array(0) };
}

function open(initial: object, options: Partial<RaftOptions> = {}): RaftCore {
  const empty: InitialState = { hardState: undefined, snapshot: undefined, entries: [] };
  return createRaftCore({
    id: nodeId(1),
    initial: { ...empty, ...initial },
    random: () => 0,
    ...options,
  });
}

function faultOf(run: () => unknown): string {
  try {
    run();
    return "none";
  } catch (error) {
    return isRaftOptionsError(error) ? `${error.code} ${error.option}` : String(error);
  }
}

describe("starting from a store", () => {
  test("a joiner knows nothing and waits", () => {
    const core = open({});
    for (let tick = 0; tick < 100; tick += 1) core.tick();
    expect(core.status()).toMatchObject({ role: "follower", term: 0, lastIndex: 0, firstIndex: 1 });
    expect(core.hasReady()).toBe(false);
  });

  test("takes up term, vote, commit, and hands out what is to be applied again", () => {
    const hardState = { term: 4, vote: 2, commit: 3 };
    const core = open({ hardState, snapshot, entries: [entry(2, 3), entry(3, 4), entry(4, 4)] });
    expect(core.status()).toMatchObject({ term: 4, vote: 2, commit: 3, applied: 1, lastIndex: 4 });
    const ready = core.ready();
    expect(ready.committedEntries.map(({ index }) => index)).toEqual([2, 3]);
    expect(ready).toMatchObject({ hardState: undefined, entries: [], mustSync: false });
  });

  test("keeps a margin before the snapshot, of which the first entry is the anchor", () => {
    const hardState = { term: 2, vote: 0, commit: 5 };
    const five = { ...snapshot, index: 5, term: 2 };
    const entries = [entry(3, 1), entry(4, 2), entry(5, 2), entry(6, 2)];
    expect(open({ hardState, snapshot: five, entries }).status()).toMatchObject({
      firstIndex: 4,
      lastIndex: 6,
    });
    // A log that does not contain the snapshot was replaced by it.
    const other = [entry(4, 1), entry(5, 1), entry(6, 1)];
    expect(open({ hardState, snapshot: five, entries: other }).status()).toMatchObject({
      firstIndex: 6,
      lastIndex: 5,
    });
  });

  test("bears a commit index that was not synced, and a torn write", () => {
    const entries = [entry(2, 1), entry(3, 5)];
    const hardState = { term: 2, vote: 3, commit: 1 };
    const core = open({ hardState, snapshot, entries }, { applied: 2 as never });
    expect(core.status()).toMatchObject({ term: 5, vote: 0, commit: 2, applied: 2 });
    expect(core.ready()).toMatchObject({
      hardState: { term: 5, vote: 0, commit: 2 },
      mustSync: true,
    });
  });

  test("replays the changes of the members that were applied after the snapshot", () => {
    const data = Uint8Array.from([0x12, 4, 8, 1, 16, 3]);
    const entries = [{ ...entry(2, 1), kind: "conf-change-v2", data }];
    const hardState = { term: 1, vote: 0, commit: 2 };
    const initial = { hardState, snapshot, entries };
    expect(open(initial).status().confState.voters).toEqual([1, 2, 3]);
    expect(open(initial, { applied: 2 as never }).status().confState.voters).toEqual([1, 2]);
  });

  test.each<[string, object]>([
    ["a gap", { entries: [entry(1, 1), entry(3, 1)] }],
    ["terms that go back", { entries: [entry(1, 2), entry(2, 1)] }],
    ["no beginning", { entries: [entry(2, 1)] }],
    ["a gap after the snapshot", { snapshot, entries: [entry(3, 1)] }],
    ["a commit beyond the end", { snapshot, hardState: { term: 1, vote: 0, commit: 2 } }],
    ["an unsafe term", { hardState: { term: 2 ** 60, vote: 0, commit: 0 } }],
    [
      "a snapshot of nobody",
      { snapshot: { ...snapshot, confState: { ...snapshot!.confState, voters: [] } } },
    ],
    [
      "a member twice",
      { snapshot: { ...snapshot, confState: { ...snapshot!.confState, learners: [1] } } },
    ],
  ])("refuses %s", (_what, initial) => {
    expect(faultOf(() => open(initial))).toBe("invalid-initial-state initial");
  });

  test.each<[string, Partial<RaftOptions>]>([
    ["id", { id: 0 as never }],
    ["electionTicks", { electionTicks: 1 }],
    ["heartbeatTicks", { heartbeatTicks: 0.5 }],
    ["maxInflightBytes", { maxInflightBytes: 10 }],
    ["maxBytesPerAppend", { maxBytesPerAppend: 0 }],
    ["maxInflightAppends", { maxInflightAppends: -1 }],
    ["maxUncommittedBytes", { maxUncommittedBytes: Number.NaN }],
    ["maxCommittedBytesPerReady", { maxCommittedBytesPerReady: 0 }],
    ["applied", { applied: 9 as never }],
    ["random", { random: () => 1 }],
    ["random", { random: () => Number.NaN }],
  ])("refuses a bad option: %s", (option, options) => {
    expect(faultOf(() => open({}, options))).toBe(`invalid-option ${option}`);
  });

  test("a group starts with voters, each once", () => {
    expect(faultOf(() => bootstrapState([]))).toBe("invalid-option voters");
    expect(faultOf(() => bootstrapState([nodeId(1), nodeId(1)]))).toBe("invalid-option voters");
    expect(bootstrapState([3, 1].map(nodeId)).snapshot?.confState.voters).toEqual([1, 3]);
  });
});
