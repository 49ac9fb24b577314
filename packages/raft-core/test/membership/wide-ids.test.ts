import { expect, test } from "vitest";
import {
  confChangeOf,
  createWideIdTable,
  encodeConfChange,
  encodeConfChangeV1,
} from "../../src/codec/index.ts";
import { bootstrapState, createRaftCore, nodeId } from "../../src/index.ts";
import type { ConfChange, Entry, HardState } from "../../src/index.ts";
import { Single } from "../paper/single.ts";

const wideIds = createWideIdTable([
  [nodeId(1), 0x8e9e05c52164694dn],
  [nodeId(9), 2n ** 64n - 1n],
]);
const format = { ids: wideIds };
const NONE = new Uint8Array(0);
const change: ConfChange = {
  transition: "auto",
  changes: [{ type: "add-learner", node: nodeId(9) }],
  context: NONE,
};

test("a change is written, applied and replayed with ids of 64 bits", () => {
  const initial = bootstrapState([nodeId(1)]);
  const options = { id: nodeId(1), initial, random: (): number => 0, wideIds };
  const core = createRaftCore(options);
  core.campaign();
  const stored: Entry[] = [...initial.entries];
  let hardState: HardState | undefined = initial.hardState;
  const run = (): void => {
    while (core.hasReady()) {
      const ready = core.ready();
      stored.push(...ready.entries);
      hardState = ready.hardState ?? hardState;
      for (const entry of ready.committedEntries) {
        const committed = confChangeOf(entry, format);
        if (committed !== undefined) core.applyConfChange(committed);
      }
      core.advance();
    }
  };
  run();
  core.proposeConfChange(change);
  run();
  expect(core.status().confState.learners).toEqual([9]);
  const { data, index } = stored.at(-1)!;
  expect(data).toEqual(encodeConfChange(change, format));

  const again = { ...initial, hardState, entries: stored };
  const restarted = createRaftCore({ ...options, initial: again, applied: index });
  expect(restarted.status().confState.learners).toEqual([9]);
  const narrow = { id: nodeId(1), random: options.random };
  expect(() => createRaftCore({ ...narrow, initial: again, applied: index })).toThrow("safe");
});

test("a member takes such changes from its peers, and refuses those of nodes it does not know", () => {
  const single = new Single([1, 2, 3], { wideIds });
  const append = (entry: object): void => {
    const entries = [{ ...entry, term: 1, index: 2 }];
    single.from(2, "append", { index: 1, logTerm: 1, entries });
  };
  const v1 = { id: 2n ** 63n, type: "remove" as const, node: nodeId(9), context: NONE };
  const strange = encodeConfChange({ ...change, changes: [{ type: "remove", node: nodeId(5) }] });
  expect(() => append({ kind: "conf-change-v2", data: strange })).toThrow("unknown node 5");
  append({ kind: "conf-change", data: encodeConfChangeV1(v1, format) });
  append({ kind: "conf-change-v2", data: encodeConfChange(change, format) });
  expect(() =>
    new Single().core.proposeEntries([
      { kind: "conf-change-v2", data: encodeConfChange(change, format) },
    ]),
  ).toThrow("not a change");
});

test("who proposes for a node without a name is told so, and nothing happens", () => {
  const single = new Single([1, 2, 3], { wideIds }).lead();
  const { lastIndex } = single.core.status();
  const unknown = { ...change, changes: [{ type: "remove" as const, node: nodeId(3) }] };
  expect(() => single.core.proposeConfChange(unknown)).toThrow("unknown node 3");
  expect(single.core.status().lastIndex).toBe(lastIndex);
});
