import { expect, test } from "vitest";
import { DEFAULT_UPDATE_CONFIG, defaultClusterSpec } from "../../src/defaults.ts";
import { ShapeError } from "../../src/internal/shape.ts";
import { validateObject } from "../../src/objects/validate-object.ts";
import { isObjectId } from "../../src/objects/validate-parts.ts";
import { clusterDraft, idOf, nodeDraft, serviceDraft, taskDraft } from "../objects.ts";

/** Every path to a field in `value`, fields of lists included. */
function paths(value: unknown, prefix: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    [...prefix, key],
    ...paths(child, [...prefix, key]),
  ]);
}

function withAt(value: unknown, path: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return replacement;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...(value as object) };
  const record = copy as Record<string, unknown>;
  record[key] = withAt(record[key], rest, replacement);
  return copy;
}

const service = serviceDraft("s1", "web");
const examples = [
  clusterDraft(),
  { ...nodeDraft("n1", "host"), manager: { raftId: 1, address: "h:1" } },
  {
    ...service,
    spec: {
      ...service.spec,
      update: DEFAULT_UPDATE_CONFIG,
      rollback: DEFAULT_UPDATE_CONFIG,
      endpoint: {
        mode: "vip",
        ports: [
          { name: "", protocol: "tcp", targetPort: 80, publishedPort: 0, publishMode: "ingress" },
        ],
      },
      task: {
        ...service.spec.task,
        logDriver: { name: "json-file", options: { a: "b" } },
        placement: {
          constraints: ["node.role==manager"],
          spread: [],
          maxReplicasPerNode: 0,
          platforms: [{ os: "linux", architecture: "x64" }],
        },
      },
    },
    updateStatus: { state: "paused", startedAtMs: 1, completedAtMs: 2, message: "" },
  },
  {
    ...taskDraft("t1"),
    startAfterMs: 4,
    status: {
      ...taskDraft("t1").status,
      container: { containerId: "c", pid: 1, exitCode: 0 },
    },
  },
];

test("whole objects pass, and a value of the wrong type in any field does not", () => {
  for (const example of examples) {
    validateObject(structuredClone(example));
    for (const path of paths(example))
      for (const wrong of [null, { strange: Symbol("x") }, Number.NaN])
        expect(() => validateObject(withAt(example, path, wrong)), path.join(".")).toThrow(
          ShapeError,
        );
  }
});

test("out of range is refused", () => {
  const wrong: [number, readonly string[], unknown][] = [
    [0, ["id"], "C".repeat(25)],
    [0, ["spec", "name"], ""],
    [1, ["manager", "raftId"], 0],
    [2, ["spec", "mode", "replicas"], -1],
    [2, ["spec", "mode", "type"], "global"],
    [2, ["spec", "endpoint", "ports", "0", "targetPort"], 65_536],
    [2, ["spec", "update", "maxFailureRatio"], 1.5],
    [3, ["slot"], 1.5],
    [3, ["desiredState"], "failed"],
    [3, ["status", "message"], "x".repeat(200_000)],
  ];
  for (const [at, path, value] of wrong)
    expect(() => validateObject(withAt(examples[at], path, value)), path.join(".")).toThrow(
      ShapeError,
    );
});

test("ids are 25 characters of digits and small letters", () => {
  expect([idOf("a1"), "a1", `${idOf("a1")}0`, "A".repeat(25)].map(isObjectId)).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test("a new swarm keeps five tasks per slot", () => {
  expect(defaultClusterSpec()).toMatchObject({ name: "default", taskHistoryLimit: 5 });
});
