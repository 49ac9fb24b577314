import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRaftError } from "../../src/index.ts";
import type { ConfChange, ConfState } from "../../src/index.ts";
import { changeKind, changed } from "../../src/membership/changer.ts";
import { confStateOf, configurationFault } from "../../src/membership/configuration.ts";
import type { Configuration } from "../../src/membership/configuration.ts";
import { confStateFault, configurationOf } from "../../src/membership/restore.ts";
import { Group } from "../group/group.ts";
import { Single } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";
import { change, members } from "./change-text.ts";
import { changedTwin, disjointQuorums, stateOf, twinOf } from "./twin.ts";
import type { Twin } from "./twin.ts";

const SEED = 20_260_801;

/** Changes of nodes up to `last`, of which many cannot be made. */
function anyChange(first: number, last: number): fc.Arbitrary<ConfChange> {
  const word = fc
    .tuple(fc.constantFrom("v", "v", "l", "r", "u"), fc.integer({ min: first, max: last }))
    .map(([type, id]) => `${type}${id}`);
  const words = fc.oneof(fc.constant([]), fc.array(word, { minLength: 1, maxLength: 5 }));
  const transition = fc.constantFrom("auto", "auto", "joint-implicit", "joint-explicit");
  return fc.tuple(words, transition).map(([list, how]) => change(list.join(" "), how));
}

function tried(configuration: Configuration, what: ConfChange): Configuration | undefined {
  try {
    return changed(configuration, what);
  } catch (error) {
    if (!isRaftError(error)) throw error;
    expect(error.code).toMatch(/^(unsupported-change|joint-configuration|not-joint)$/u);
    return undefined;
  }
}

/** Takes a sequence of changes on a configuration and its twin, and shows each step that both took. */
function walk(
  changes: readonly ConfChange[],
  step: (next: Configuration, twins: { readonly before: Twin; readonly after: Twin }) => void,
): void {
  let configuration = configurationOf(members({ voters: [1, 2, 3] }));
  let twin = twinOf([1, 2, 3]);
  for (const what of changes) {
    const next = tried(configuration, what);
    const after = changedTwin(twin, what);
    expect(next && confStateOf(next)).toEqual(after && stateOf(after));
    if (next === undefined || after === undefined) continue;
    step(next, { before: twin, after });
    configuration = next;
    twin = after;
  }
}

function holds(property: (changes: readonly ConfChange[]) => void, last = 6): void {
  const changes = fc.array(anyChange(1, last), { minLength: 1, maxLength: 14 });
  fc.assert(fc.property(changes, property), { seed: SEED, numRuns: 250 });
}

describe("any sequence of changes", () => {
  test("has the same results as a naive twin, which refuses the same ones", () => {
    let taken = 0;
    let joint = 0;
    holds((changes) =>
      walk(changes, (_, { after }) => {
        taken += 1;
        if (after.joint) joint += 1;
      }),
    );
    // The property would be empty if hardly any change could be made.
    expect(taken).toBeGreaterThan(300);
    expect(joint).toBeGreaterThan(100);
  });

  test("keeps the invariants", () => {
    holds((changes) =>
      walk(changes, (next) => {
        const { incoming, outgoing, learners, learnersNext, autoLeave } = next;
        expect(incoming.size).toBeGreaterThan(0);
        for (const id of learners) expect(incoming.has(id) || outgoing.has(id)).toBe(false);
        for (const id of learnersNext) {
          expect(outgoing.has(id)).toBe(true);
          expect(incoming.has(id) || learners.has(id)).toBe(false);
        }
        if (outgoing.size === 0) expect([learnersNext.size, autoLeave]).toEqual([0, false]);
        expect(configurationFault(next)).toBeUndefined();
      }),
    );
  });

  test("is restored from what a snapshot says of it", () => {
    holds((changes) =>
      walk(changes, (next) => {
        const state = confStateOf(next);
        expect(confStateFault(state)).toBeUndefined();
        expect(configurationOf(state)).toEqual(next);
        const { core } = new Single([], { initial: stored([1], { members: state }) });
        expect(core.status().confState).toEqual(state);
      }),
    );
  });

  test("never lets two quorums without a common member decide, across any step", () => {
    holds((changes) =>
      walk(changes, (_, { before, after }) => {
        expect(disjointQuorums(before, after)).toBeUndefined();
        expect(disjointQuorums(after, before)).toBeUndefined();
        expect(disjointQuorums(after, after)).toBeUndefined();
      }),
    );
  });

  test("does not change what it starts from", () => {
    holds((changes) => {
      const start = configurationOf(members({ voters: [1, 2, 3], learners: [4] }));
      const before = structuredClone(start);
      for (const what of changes) tried(start, what);
      expect(start).toEqual(before);
    });
  });
});

test("two quorums can be disjoint when two voters change in one step", () => {
  // Figure 10 of the paper: what the property above would find.
  expect(disjointQuorums(twinOf([1, 2, 3]), twinOf([1, 2, 3, 4, 5]))).toEqual([1, 2]);
  expect(disjointQuorums(twinOf([1, 2, 3]), twinOf([1, 2, 3, 4]))).toBeUndefined();
});

describe("which way a change takes", () => {
  test.each([
    ["auto", "", "leave-joint", undefined],
    ["auto", "v4", "simple", undefined],
    ["auto", "v4 r1", "enter-joint", true],
    ["joint-implicit", "", "enter-joint", true],
    ["joint-implicit", "v4", "enter-joint", true],
    ["joint-implicit", "v4 r1", "enter-joint", true],
    ["joint-explicit", "", "enter-joint", false],
    ["joint-explicit", "v4", "enter-joint", false],
    ["joint-explicit", "v4 r1", "enter-joint", false],
  ] as const)("%s with changes [%s]: %s", (transition, text, kind, autoLeave) => {
    const what = change(text, transition);
    expect(changeKind(what)).toBe(kind);
    expect(changeKind({ ...what, context: Uint8Array.of(1) })).toBe(kind);
    const from = members({ voters: [1, 2, 3] });
    if (kind === "enter-joint")
      expect(confStateOf(changed(configurationOf(from), what))).toMatchObject({
        votersOutgoing: [1, 2, 3],
        autoLeave,
      });
  });
});

describe("a leading core", () => {
  const settled = (twin: Twin): Twin => (twin.autoLeave ? changedTwin(twin, change())! : twin);

  test("proposes exactly the changes that can be made, and all members come to the same ones", () => {
    // Node 1 leads throughout, so it is never changed; the others start empty and are there from the beginning.
    const changes = fc.array(anyChange(2, 5), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(changes, (list) => {
        const group = new Group([1]);
        for (const id of [2, 3, 4, 5]) group.add(id);
        group.elect(1);
        let twin = twinOf([1]);
        for (const what of list) {
          // A change of nothing that would enter a joint configuration could be applied, but is not proposed.
          const idle = what.changes.length === 0 && !twin.joint;
          const after = idle ? undefined : changedTwin(twin, what);
          expect(accepted(group, what)).toBe(after !== undefined);
          group.settle();
          twin = settled(after ?? twin);
          expect(group.core(1).status().confState).toEqual(stateOf(twin));
        }
        expect([...group.members.values()].flatMap(({ refused }) => refused)).toEqual([]);
        expectSameMembers(group, stateOf(twin));
      }),
      { seed: SEED, numRuns: 40 },
    );
  });

  function accepted(group: Group, what: ConfChange): boolean {
    try {
      group.core(1).proposeConfChange(what);
      return true;
    } catch (error) {
      if (!isRaftError(error)) throw error;
      return false;
    }
  }

  /** After a heartbeat everybody who still belongs to the group knows the same, and is sent to. */
  function expectSameMembers(group: Group, state: ConfState): void {
    group.core(1).tick();
    group.settle();
    const { voters, votersOutgoing, learners } = state;
    const everybody = [...new Set([...voters, ...votersOutgoing, ...learners])].sort(
      (a, b) => a - b,
    );
    const { peers, lastIndex } = group.core(1).status();
    expect(peers.map(({ id }) => id)).toEqual(everybody);
    for (const { id, match } of peers) {
      expect(match).toBe(lastIndex);
      expect(group.core(id).status().confState).toEqual(state);
    }
  }
});
