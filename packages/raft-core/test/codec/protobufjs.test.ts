import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeConfChange,
  decodeConfChangeV1,
  decodeConfState,
  decodeEntry,
  decodeHardState,
  decodeMessage,
  decodeSnapshot,
  encodeConfChange,
  encodeConfChangeV1,
  encodeConfState,
  encodeEntry,
  encodeHardState,
  encodeMessage,
  encodeSnapshot,
} from "../../src/codec/index.ts";
import type { Snapshot } from "../../src/index.ts";
import { anyConfState, anyEntry, anyMessage } from "../messages.ts";
import { toHex } from "./hex.ts";
import { plainEntry, plainMessage, plainSnapshot } from "./raftpb-plain.ts";
import { raftpb } from "./raftpb.ts";

const BIG = Number.MAX_SAFE_INTEGER;
const SEED = 3;
const number = fc.oneof(fc.nat(300), fc.nat(BIG));
const profiles = ["standard", "gogo"] as const;
const TYPES = ["add-voter", "remove", "update", "add-learner"] as const;
const TRANSITIONS = ["auto", "joint-implicit", "joint-explicit"] as const;

/** The bytes are those that protobufjs makes of `plain`, and mean the same to it. */
function same(name: string, plain: object, bytes: Uint8Array): void {
  const type = raftpb(name);
  expect(toHex(bytes)).toBe(toHex(type.encode(plain).finish()));
  const read = type.toObject(type.decode(bytes), { bytes: Array });
  expect(read).toEqual(type.toObject(type.fromObject(plain), { bytes: Array }));
}

describe("protobufjs writes the same bytes and reads the same values", () => {
  test.each(profiles)("messages, %s", (profile) => {
    fc.assert(
      fc.property(fc.oneof(anyMessage(300), anyMessage(BIG)), (message) => {
        const plain = plainMessage(message, profile === "gogo");
        same("Message", plain, encodeMessage(message, { profile }));
        expect(decodeMessage(raftpb("Message").encode(plain).finish())).toEqual(message);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test.each(profiles)("entries, %s", (profile) => {
    fc.assert(
      fc.property(anyEntry(BIG), (entry) => {
        const plain = plainEntry(entry, profile === "gogo");
        same("Entry", plain, encodeEntry(entry, { profile }));
        expect(decodeEntry(raftpb("Entry").encode(plain).finish())).toEqual(entry);
      }),
      { seed: SEED },
    );
  });

  test("members, snapshots, hard states", () => {
    const data = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(anyConfState(BIG), number, number, data, (confState, index, term, data) => {
        same("ConfState", confState, encodeConfState(confState));
        expect(decodeConfState(encodeConfState(confState))).toEqual(confState);
        const snapshot = { data, metadata: { index, term, confState } } as unknown as Snapshot;
        same("Snapshot", plainSnapshot(snapshot), encodeSnapshot(snapshot));
        expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot);
        const hard = { term, vote: index, commit: index } as never;
        same("HardState", hard, encodeHardState(hard));
        expect(decodeHardState(encodeHardState(hard))).toEqual(hard);
      }),
      { seed: SEED },
    );
  });

  test("changes of the members", () => {
    const single = fc.record({ type: fc.constantFrom(...TYPES), node: number });
    const context = fc.uint8Array({ maxLength: 5 });
    const change = fc.record({
      transition: fc.constantFrom(...TRANSITIONS),
      changes: fc.array(single, { maxLength: 4 }),
      context,
    });
    fc.assert(
      fc.property(change, single, number, (v2, v1, id) => {
        const changes = v2.changes.map(({ type, node }) => ({ type: TYPES.indexOf(type), node }));
        const given = v2.context.byteLength === 0 ? {} : { context: v2.context };
        const transition = TRANSITIONS.indexOf(v2.transition);
        const bytes = encodeConfChange(v2 as never);
        same("ConfChangeV2", { transition, changes, ...given }, bytes);
        expect(decodeConfChange(bytes)).toEqual(v2);

        const older = { id: BigInt(id), ...v1, context: v2.context } as never;
        const plain = { type: TYPES.indexOf(v1.type), node: v1.node, ...given };
        same("ConfChange", id === 0 ? plain : { id, ...plain }, encodeConfChangeV1(older));
        same("ConfChange", { id, ...plain }, encodeConfChangeV1(older, { profile: "gogo" }));
        expect(decodeConfChangeV1(encodeConfChangeV1(older))).toEqual(older);
      }),
      { seed: SEED },
    );
  });
});
