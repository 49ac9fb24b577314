import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEntry, encodeEntry } from "../../src/codec/entry.ts";
import { createSwarmStore } from "../../src/create-store.ts";
import { isStoreError } from "../../src/errors.ts";
import { encodeUtf8 } from "../../src/internal/utf8.ts";
import { TRANSACTION_BYTES_MAX } from "../../src/limits.ts";
import { createLocalProposer } from "../../src/local-proposer.ts";
import type { Node } from "../../src/objects/node.ts";
import type { Change, SwarmStore } from "../../src/store.ts";
import { idOf, nodeDraft, serviceDraft, taskDraft } from "../objects.ts";

const META = { version: -3, createdAtMs: 1, updatedAtMs: 2 };

function encode(token: number, after: number, changes: readonly Change[]): Uint8Array {
  return encodeEntry(token, after, changes, TRANSACTION_BYTES_MAX);
}

function text(json: string): Uint8Array {
  const data = encodeUtf8(json, 1);
  data[0] = 1;
  return data;
}

function empty(): SwarmStore {
  return createSwarmStore({ proposer: createLocalProposer(), now: () => 0 });
}

const node: Node = { ...nodeDraft("n1", "höst"), ...META };
const changes: readonly Change[] = [
  { type: "create", object: node },
  { type: "update", object: { ...serviceDraft("s1", "web"), ...META } },
  { type: "delete", object: { ...taskDraft("t1"), ...META } },
];

test("entries carry objects without version, and only the name of what is deleted", () => {
  const entry = decodeEntry(encode(9, 4, changes));
  expect(entry).toMatchObject({ token: 9, after: 4 });
  expect(entry.changes[0]).toEqual({
    type: "create",
    object: { ...nodeDraft("n1", "höst"), createdAtMs: 1, updatedAtMs: 2 },
  });
  expect(entry.changes[2]).toEqual({ type: "delete", kind: "task", id: idOf("t1") });
  expect(JSON.stringify(entry)).not.toContain('version":-3');
  const [first] = entry.changes;
  expect(first?.type === "create" && Object.isFrozen(first.object.spec)).toBe(true);
});

test("fields of a later release are kept, in the log and in the state", () => {
  const newer = { ...node, extra: { list: [1, "two"] } };
  const store = empty();
  store.apply(3, encode(1, 0, [{ type: "create", object: newer }]));
  expect(store.view().get("node", node.id)).toEqual({ ...newer, version: 3 });
});

test("an entry that does not decode or does not fit the state is damaged, and nothing of it is applied", () => {
  const store = empty();
  store.apply(1, encode(1, 0, [{ type: "create", object: node }]));
  const other: Node = { ...node, id: idOf("n2") };
  const entries: [string, Uint8Array][] = [
    ["empty", new Uint8Array()],
    ["of another format", encode(2, 1, changes).with(0, 2)],
    ["too large", new Uint8Array(TRANSACTION_BYTES_MAX + 1).fill(1)],
    ["not JSON", text("{")],
    ["no changes", text('{"token":2,"after":1,"changes":[]}')],
    ["tokens that do not grow", encode(1, 1, changes)],
    ["creates what exists", encode(2, 1, [{ type: "create", object: node }])],
    ["updates what does not exist", encode(2, 1, [{ type: "update", object: other }])],
    [
      "good, then bad",
      encode(2, 1, [
        { type: "create", object: other },
        { type: "delete", object: { ...node, id: idOf("n3") } },
      ]),
    ],
    [
      "twice the same",
      encode(2, 1, [
        { type: "create", object: other },
        { type: "create", object: other },
      ]),
    ],
    [
      "an unknown kind",
      text(`{"token":2,"after":1,"changes":[{"type":"create","object":{"kind":"hive"}}]}`),
    ],
  ];
  for (const [name, data] of entries) {
    let error: unknown;
    try {
      store.apply(2, data);
    } catch (thrown) {
      error = thrown;
    }
    expect(isStoreError(error) && error.code, name).toBe("damaged");
    expect([store.view().index, store.view().count("node")], name).toEqual([1, 1]);
  }
  expect(() => store.apply(1, encode(2, 1, changes))).toThrow("in order");
});

test("an entry that was not built upon the state is void: the index moves, nothing else", () => {
  const store = empty();
  const seen: number[] = [];
  store.subscribe((event) => seen.push(event.changes.length));
  store.apply(1, encode(5, 4, [{ type: "create", object: node }]));
  store.apply(2, encode(6, 0, [{ type: "create", object: node }]));
  expect(seen).toEqual([0, 1]);
  expect(store.view().get("node", node.id)?.version).toBe(2);
});

test("decoding is total: random and mutated bytes give an entry or `damaged`", () => {
  const data = encode(9, 4, changes);
  const mutated = fc
    .array(fc.tuple(fc.nat(data.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
    .map((edits) => {
      const copy = data.slice();
      for (const [at, byte] of edits) copy[at] = byte;
      return copy;
    });
  const json = fc.json().map((value) => text(value));
  fc.assert(
    fc.property(fc.oneof(mutated, json, fc.uint8Array()), (bytes) => {
      try {
        decodeEntry(bytes);
      } catch (error) {
        expect(isStoreError(error) && error.code).toBe("damaged");
      }
    }),
    { numRuns: 1_000 },
  );
});
