import { describe, expect, test } from "vitest";
import {
  confChangeOf,
  createWideIdTable,
  decodeConfState,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  encodeConfChange,
  encodeConfChangeV1,
  encodeConfState,
  encodeHardState,
  encodeMessage,
  encodeSnapshot,
} from "../../src/codec/index.ts";
import type { WireFormat } from "../../src/codec/index.ts";
import { nodeId } from "../../src/index.ts";
import { fromHex } from "./hex.ts";

const ONE = nodeId(1);
const TWO = nodeId(2);
const ids = createWideIdTable([
  [ONE, 0x8e9e05c52164694dn],
  [TWO, 2n ** 64n - 1n],
]);
const NONE = new Uint8Array(0);
const confState = {
  ...{ voters: [ONE], learners: [TWO], votersOutgoing: [TWO, ONE], learnersNext: [ONE] },
  autoLeave: false,
};
const vote = "080510cdd2918bd2b881cf8e0118c89c94ed9fef88a1fd01200828063014";

describe("ids of 64 bits", () => {
  test("are refused without a port", () => {
    const refused: unknown = expect.objectContaining({
      name: "CodecError",
      code: "unsafe-integer",
    });
    expect(() => decodeMessage(fromHex(vote))).toThrow(refused);
    const hardState = encodeHardState({ term: 1, vote: TWO, commit: 1 } as never, { ids });
    expect(() => decodeHardState(hardState)).toThrow(refused);
    expect(() => decodeConfState(encodeConfState(confState, { ids }))).toThrow(refused);
  });

  test("are refused when nobody knows them", () => {
    const refused: unknown = expect.objectContaining({ name: "CodecError", code: "unknown-value" });
    expect(() => decodeMessage(fromHex(vote), { ids })).toThrow(refused);
    expect(() => encodeHardState({ term: 1, vote: 3, commit: 1 } as never, { ids })).toThrow(
      RangeError,
    );
  });

  test.each<WireFormat>([{ ids }, { ids, profile: "gogo" }])("come back as they went", (format) => {
    const hardState = { term: 1, vote: TWO, commit: 9 } as never;
    expect(decodeHardState(encodeHardState(hardState, format), format)).toEqual(hardState);
    expect(decodeConfState(encodeConfState(confState, format), format)).toEqual(confState);
    const snapshot = { data: NONE, metadata: { index: 3, term: 1, confState } } as never;
    expect(decodeSnapshot(encodeSnapshot(snapshot, format), format)).toEqual(snapshot);
    const message = { type: "snapshot", from: ONE, to: TWO, term: 3, snapshot } as never;
    expect(decodeMessage(encodeMessage(message, format), format)).toEqual(message);
  });

  test("are in changes of the members", () => {
    const changes = [{ type: "add-learner" as const, node: TWO }];
    const change = { transition: "auto" as const, changes, context: NONE };
    const v2 = { kind: "conf-change-v2" as const, data: encodeConfChange(change, { ids }) };
    expect(confChangeOf(v2, { ids })).toEqual(change);
    const single = { id: 2n ** 64n - 1n, type: "add-learner" as const, node: TWO, context: NONE };
    const v1 = { kind: "conf-change" as const, data: encodeConfChangeV1(single, { ids }) };
    expect(confChangeOf(v1, { ids })).toEqual(change);
    expect(() => confChangeOf(v1)).toThrow("safe integers");
  });

  test("nobody is 0, and the port is not asked", () => {
    const hardState = { term: 1, vote: 0, commit: 1 } as never;
    expect(decodeHardState(encodeHardState(hardState, { ids }), { ids })).toEqual(hardState);
  });

  test("a change of an application's own number of 64 bits needs no port", () => {
    const change = { id: 2n ** 63n, type: "remove" as const, node: ONE, context: NONE };
    const entry = { kind: "conf-change" as const, data: encodeConfChangeV1(change) };
    expect(confChangeOf(entry)?.changes).toEqual([{ type: "remove", node: 1 }]);
  });

  test("a port that answers with something else is found out", () => {
    const wrong = { toWire: (): bigint => 2n ** 64n, fromWire: (): undefined => undefined };
    const hardState = { term: 1, vote: 1, commit: 1 } as never;
    expect(() => encodeHardState(hardState, { ids: wrong })).toThrow("not an id of 64 bits");
  });
});

describe("a table of ids", () => {
  test("takes each id once", () => {
    const table = createWideIdTable([[ONE, 7n]]);
    table.add(ONE, 7n);
    expect(() => table.add(ONE, 8n)).toThrow(RangeError);
    expect(() => table.add(TWO, 7n)).toThrow(RangeError);
    for (const wire of [0n, -1n, 2n ** 64n]) expect(() => table.add(TWO, wire)).toThrow(RangeError);
    table.add(TWO, 8n);
    expect(table.fromWire(8n)).toBe(TWO);
    expect(table.toWire(TWO)).toBe(8n);
  });
});
