import fc from "fast-check";
import { expect, test } from "vitest";
import type { Node } from "../../src/objects/node.ts";
import type { SwarmObject } from "../../src/objects/object.ts";
import type { Task } from "../../src/objects/task.ts";
import { createTables, overlayTables } from "../../src/tables/tables.ts";
import { TablesView } from "../../src/view.ts";
import type { View } from "../../src/store.ts";
import { idOf, nodeDraft, taskDraft } from "../objects.ts";

const META = { version: 1, createdAtMs: 0, updatedAtMs: 0 };

const object: fc.Arbitrary<SwarmObject> = fc.oneof(
  fc
    .tuple(fc.nat(9), fc.constantFrom("a", "B", "b", undefined))
    .map(([n, host]): Node => ({ ...nodeDraft(`n${n}`, host), ...META })),
  fc
    .record({ n: fc.nat(20), service: fc.nat(2), slot: fc.nat(2), node: fc.option(fc.nat(2)) })
    .map(({ n, service, slot, node }): Task => {
      const place = { service: `s${service}`, slot };
      const draft = taskDraft(`t${n}`, node === null ? place : { ...place, node: `n${node}` });
      return { ...draft, ...META };
    }),
);

const command = fc.tuple(fc.constantFrom("put", "put", "remove"), fc.nat(2), object);

/** Everything a view can be asked, worked out from a plain list of objects. */
function answers(objects: readonly SwarmObject[]): unknown {
  const sorted = [...objects].sort((a, b) => (a.id < b.id ? -1 : 1));
  const tasks = sorted.filter((item) => item.kind === "task");
  const nodes = sorted.filter((item) => item.kind === "node");
  const host = (name: string): string | undefined =>
    nodes.find((node) => node.description?.hostname.toLowerCase() === name)?.id;
  return {
    nodes: nodes.map(({ id }) => id),
    tasks: tasks.map(({ id }) => id),
    counts: [nodes.length, tasks.length],
    hosts: [host("a"), host("b"), host("c")],
    lists: [0, 1, 2].map((n) => [
      tasks.filter((task) => task.serviceId === idOf(`s${n}`)).map(({ id }) => id),
      tasks.filter((task) => task.nodeId === idOf(`n${n}`)).map(({ id }) => id),
      tasks.filter((task) => task.serviceId === idOf("s1") && task.slot === n).map(({ id }) => id),
    ]),
  };
}

function answersOf(view: View): unknown {
  const ids = (items: Iterable<SwarmObject>): string[] => [...items].map(({ id }) => id);
  return {
    nodes: ids(view.list("node")),
    tasks: ids(view.list("task")),
    counts: [view.count("node"), view.count("task")],
    hosts: ["A", "b", "c"].map((name) => view.byName("node", name)?.id),
    lists: [0, 1, 2].map((n) => [
      ids(view.tasksOfService(idOf(`s${n}`))),
      ids(view.tasksOfNode(idOf(`n${n}`))),
      ids(view.tasksOfSlot(idOf("s1"), n)),
    ]),
  };
}

test("tables and overlays of overlays answer as a plain list does", () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80, size: "max" }), (commands) => {
      const tables = createTables();
      const head = overlayTables(tables);
      const top = overlayTables(head);
      const layers = [tables, head, top] as const;
      const models = layers.map(() => new Map<string, SwarmObject | undefined>());
      for (const [step, layer, item] of commands) {
        const table = layers[layer]![item.kind];
        if (step === "put") table.put(item);
        else table.remove(item.id);
        models[layer]!.set(item.id, step === "put" ? item : undefined);
      }
      const merged = new Map<string, SwarmObject | undefined>();
      layers.forEach((layer, i) => {
        for (const [id, item] of models[i]!) merged.set(id, item);
        const present = [...merged.values()].filter((item) => item !== undefined);
        expect(answersOf(new TablesView(layer, () => 0))).toEqual(answers(present));
      });
    }),
    { numRuns: 200 },
  );
});

test("clearing an overlay lets the table show through", () => {
  const tables = createTables();
  const head = overlayTables(tables);
  const below: Node = { ...nodeDraft("n1", "below"), ...META };
  tables.node.put(below);
  head.node.put({ ...below, version: 2 });
  head.node.remove(idOf("n1"));
  expect(head.node.get(idOf("n1"))).toBeUndefined();
  head.node.clear(idOf("n1"));
  expect(head.node.get(idOf("n1"))).toBe(below);
  expect(head.node.count()).toBe(1);
});

test("objects may be written while a list of them is walked: each is seen once", () => {
  const tables = createTables();
  for (let n = 0; n < 50; n++) tables.task.put({ ...taskDraft(`t${n}`), ...META });
  const top = overlayTables(tables);
  const view = new TablesView(top, () => 0);
  const seen: string[] = [];
  for (const task of view.tasksOfService(idOf("s1"))) {
    seen.push(task.id);
    if (seen.length % 2 === 0) top.task.remove(task.id);
    else top.task.put({ ...task, version: 2 });
  }
  expect(new Set(seen).size).toBe(50);
  expect(seen).toHaveLength(50);
  expect(view.count("task")).toBe(25);
});

test("a list can be walked twice", () => {
  const tables = createTables();
  tables.task.put({ ...taskDraft("t1"), ...META });
  const list = new TablesView(tables, () => 0).list("task");
  expect([[...list].length, [...list].length]).toEqual([1, 1]);
});
