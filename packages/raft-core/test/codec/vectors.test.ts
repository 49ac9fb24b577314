import { describe, expect, test } from "vitest";
import {
  PRESENT_EMPTY,
  createWideIdTable,
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
import type { WireFormat } from "../../src/codec/index.ts";
import { nodeId } from "../../src/index.ts";
import { fromHex, toHex } from "./hex.ts";

interface Vector {
  readonly name: string;
  readonly value: unknown;
  readonly gogo: string;
  /** When it differs. */
  readonly standard?: string;
  readonly ids?: WireFormat["ids"];
}

/** How a kind of value is read and written. */
interface Kind {
  readonly decode: (bytes: Uint8Array, format: WireFormat) => unknown;
  readonly encode: (value: never, format: WireFormat) => Uint8Array;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const NONE = new Uint8Array(0);
const members = (...voters: number[]): object => ({
  voters,
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
});
const snapshot = {
  data: text("sm"),
  metadata: { index: 11, term: 1, confState: members(1, 2, 3) },
};
const envelope = (from: number, to: number, term: number): object => ({ from, to, term });
const position = { logTerm: 6, index: 20, transfer: false, priority: 0 };
const ok = { reject: false, rejectHint: 0, logTerm: 0 };
const wide = createWideIdTable([
  [nodeId(1), 0x8e9e05c52164694dn],
  [nodeId(2), 0xfd422379fda50e48n],
]);

/** Made with the Go runtimes: what gogo wrote up to etcd 3.6, and what protobuf-go writes since. */
const entries: readonly Vector[] = [
  {
    name: "1 hello",
    value: { kind: "normal", term: 2, index: 5, data: text("hello") },
    gogo: "080010021805220568656c6c6f",
    standard: "10021805220568656c6c6f",
  },
  {
    name: "2 of a new leader",
    value: { kind: "normal", term: 1, index: 3, data: NONE },
    gogo: "080010011803",
    standard: "10011803",
  },
  {
    name: "3 data that are empty and there",
    value: { kind: "normal", term: 1, index: 3, data: PRESENT_EMPTY },
    gogo: "0800100118032200",
    standard: "100118032200",
  },
];

const messages: readonly Vector[] = [
  {
    name: "4 append",
    value: {
      ...envelope(1, 2, 5),
      type: "append",
      index: 9,
      logTerm: 4,
      entries: [
        { kind: "normal", term: 5, index: 10, data: text("a") },
        { kind: "normal", term: 5, index: 11, data: text("bc") },
      ],
      commit: 8,
    },
    gogo: "0803100218012005280430093a0908001005180a2201613a0a08001005180b220262634008500058006800",
    standard: "0803100218012005280430093a071005180a2201613a081005180b220262634008",
  },
  {
    name: "5 append taken",
    value: { ...envelope(2, 1, 5), type: "append-response", index: 11, ...ok },
    gogo: "08041001180220052800300b4000500058006800",
    standard: "0804100118022005300b",
  },
  {
    name: "6 append refused",
    value: {
      ...envelope(3, 1, 8),
      type: "append-response",
      index: 20,
      reject: true,
      rejectHint: 14,
      logTerm: 4,
    },
    gogo: "08041001180320082804301440005001580e6800",
    standard: "0804100118032008280430145001580e",
  },
  {
    name: "7 vote",
    value: { ...envelope(1, 2, 8), type: "vote", ...position },
    gogo: "0805100218012008280630144000500058006800",
    standard: "080510021801200828063014",
  },
  {
    name: "8 vote for a transfer",
    value: { ...envelope(1, 2, 8), type: "vote", ...position, transfer: true },
    gogo: "080510021801200828063014400050005800621043616d706169676e5472616e736665726800",
    standard: "080510021801200828063014621043616d706169676e5472616e73666572",
  },
  {
    name: "9 vote granted",
    value: { ...envelope(2, 1, 8), type: "vote-response", reject: false },
    gogo: "0806100118022008280030004000500058006800",
    standard: "0806100118022008",
  },
  {
    name: "10 vote refused",
    value: { ...envelope(4, 1, 8), type: "vote-response", reject: true },
    gogo: "0806100118042008280030004000500158006800",
    standard: "08061001180420085001",
  },
  {
    name: "11 heartbeat",
    value: {
      ...envelope(1, 2, 1),
      type: "heartbeat",
      commit: 11,
      context: Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0),
    },
    gogo: "080810021801200128003000400b50005800620801000000000000006800",
    standard: "0808100218012001400b62080100000000000000",
  },
  {
    name: "12 heartbeat answer",
    value: { ...envelope(2, 1, 1), type: "heartbeat-response", context: NONE },
    gogo: "0809100118022001280030004000500058006800",
    standard: "0809100118022001",
  },
  {
    name: "13 snapshot",
    value: { ...envelope(1, 3, 1), type: "snapshot", snapshot },
    gogo: "08071003180120012800300040004a140a02736d120e0a080801080208032800100b1801500058006800",
    standard: "08071003180120014a140a02736d120e0a080801080208032800100b1801",
  },
  {
    name: "14 propose",
    value: {
      ...envelope(4, 1, 0),
      type: "propose",
      entries: [{ kind: "normal", data: text("x") }],
    },
    gogo: "0802100118042000280030003a090800100018002201784000500058006800",
    standard: "0802100118043a03220178",
  },
  {
    name: "15 timeout now",
    value: { ...envelope(1, 4, 1), type: "timeout-now" },
    gogo: "080e100418012001280030004000500058006800",
    standard: "080e100418012001",
  },
  {
    name: "26 read",
    value: { ...envelope(2, 1, 0), type: "read-index", context: text("ctx") },
    gogo: "080f100118022000280030003a0b08001000180022036374784000500058006800",
    standard: "080f100118023a052203637478",
  },
  {
    name: "27 read answer",
    value: { ...envelope(1, 2, 1), type: "read-index-response", index: 11, context: text("ctx") },
    gogo: "08101002180120012800300b3a0b08001000180022036374784000500058006800",
    standard: "0810100218012001300b3a052203637478",
  },
  {
    name: "28 ids of 64 bits",
    value: { ...envelope(2, 1, 8), type: "vote", ...position },
    gogo: "080510cdd2918bd2b881cf8e0118c89c94ed9fef88a1fd012008280630144000500058006800",
    standard: "080510cdd2918bd2b881cf8e0118c89c94ed9fef88a1fd01200828063014",
    ids: wide,
  },
];

const confStates: readonly Vector[] = [
  { name: "16 voters", value: members(1, 2, 3), gogo: "0801080208032800" },
  {
    name: "18 all lists",
    value: {
      voters: [1, 2, 3],
      learners: [5],
      votersOutgoing: [1],
      learnersNext: [4],
      autoLeave: true,
    },
    gogo: "0801080208031005180120042801",
  },
];

const snapshots: readonly Vector[] = [
  { name: "17 some", value: snapshot, gogo: "0a02736d120e0a080801080208032800100b1801" },
  {
    name: "29 of nothing",
    value: { data: NONE, metadata: { index: 0, term: 0, confState: members() } },
    gogo: "12080a02280010001800",
  },
];

const hardStates: readonly Vector[] = [
  { name: "19", value: { term: 5, vote: 2, commit: 10 }, gogo: "08051002180a" },
];

const changesV1: readonly Vector[] = [
  {
    name: "20 add",
    value: { id: 0n, type: "add-voter", node: 2, context: NONE },
    gogo: "080010001802",
    standard: "10001802",
  },
  {
    name: "21 remove",
    value: { id: 0n, type: "remove", node: 1, context: NONE },
    gogo: "080010011801",
    standard: "10011801",
  },
  {
    name: "22 an id of 64 bits",
    value: { id: 4660n, type: "add-voter", node: 1, context: text("x") },
    gogo: "08b424100018cdd2918bd2b881cf8e01220178",
    ids: wide,
  },
];

const changesV2: readonly Vector[] = [
  {
    name: "23 auto",
    value: {
      transition: "auto",
      changes: [
        { type: "add-voter", node: 2 },
        { type: "add-voter", node: 3 },
      ],
      context: NONE,
    },
    gogo: "0800120408001002120408001003",
  },
  {
    name: "24 explicit",
    value: {
      transition: "joint-explicit",
      changes: [
        { type: "add-learner", node: 2 },
        { type: "add-learner", node: 3 },
      ],
      context: NONE,
    },
    gogo: "0802120408031002120408031003",
  },
  { name: "25 zero", value: { transition: "auto", changes: [], context: NONE }, gogo: "0800" },
];

const kinds: readonly (readonly [string, Kind, readonly Vector[]])[] = [
  ["entry", { decode: decodeEntry, encode: encodeEntry }, entries],
  ["message", { decode: decodeMessage, encode: encodeMessage }, messages],
  ["members", { decode: decodeConfState, encode: encodeConfState }, confStates],
  ["snapshot", { decode: decodeSnapshot, encode: encodeSnapshot }, snapshots],
  ["hard state", { decode: decodeHardState, encode: encodeHardState }, hardStates],
  ["change V1", { decode: decodeConfChangeV1, encode: encodeConfChangeV1 }, changesV1],
  ["change V2", { decode: decodeConfChange, encode: encodeConfChange }, changesV2],
];

describe.each(kinds)("raftpb %s", (_kind, { decode, encode }, vectors) => {
  test.each(vectors)("$name", ({ value, gogo, standard = gogo, ids }) => {
    const format = ids === undefined ? {} : { ids };
    for (const bytes of [gogo, standard]) {
      const decoded = decode(fromHex(bytes), format);
      expect(decoded).toEqual(value);
      for (const of of [value, decoded] as never[]) {
        expect(toHex(encode(of, { ...format, profile: "gogo" }))).toBe(gogo);
        expect(toHex(encode(of, { ...format, profile: "standard" }))).toBe(standard);
        expect(toHex(encode(of, format))).toBe(standard);
      }
    }
  });
});

test("the vectors are all 29", () => {
  const numbers = kinds.flatMap(([, , vectors]) => vectors.map(({ name }) => parseInt(name)));
  expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 29 }, (_, at) => at + 1));
});

test("no bytes are a change, too, and leave the joint configuration", () => {
  expect(decodeConfChange(NONE)).toEqual(changesV2.at(-1)?.value);
});

test("a snapshot may be left out, or hold nothing at all", () => {
  expect(decodeSnapshot(NONE)).toEqual(snapshots.at(-1)?.value);
});

test("an election priority is field 16, written unless it is 0", () => {
  const vote = decodeMessage(fromHex("080510021801200828063014"));
  expect(vote).toMatchObject({ priority: 0 });
  const bytes = "080510021801200828063014800107";
  expect(toHex(encodeMessage({ ...vote, priority: 7 } as never))).toBe(bytes);
  expect(decodeMessage(fromHex(bytes))).toEqual({ ...vote, priority: 7 });
});
