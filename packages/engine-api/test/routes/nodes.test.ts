import { afterEach, beforeEach, expect, test } from "vitest";
import type { Node } from "@waggle/swarm-state";
import { type Engine, filters, openEngine } from "../support/engine.ts";
import { BEE, description, idOf, QUEEN } from "../support/swarm.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine({ now: () => 1_795_000_000_000 });
});

afterEach(() => engine.close());

function node(id: string): Node {
  return engine.swarm.store.view().get("node", id)!;
}

test("a manager and a worker", async () => {
  const answer = await engine.call("GET", "/v1.50/nodes/queen");
  expect(answer.json).toEqual({
    ID: QUEEN,
    Version: { Index: node(QUEEN).version },
    CreatedAt: "2026-11-18T11:06:40Z",
    UpdatedAt: "2026-11-18T11:06:40Z",
    Spec: { Labels: {}, Role: "manager", Availability: "active" },
    Description: {
      Hostname: "queen",
      Platform: { Architecture: "x86_64", OS: "linux" },
      Resources: { NanoCPUs: 2e9, MemoryBytes: 2 ** 30 },
      Engine: { EngineVersion: "1.0.0", Labels: { rack: "queen" }, Plugins: [] },
      TLSInfo: {},
    },
    Status: { State: "ready", Addr: "10.0.0.1" },
    ManagerStatus: { Leader: true, Reachability: "reachable", Addr: "10.0.0.1:2377" },
  });
  engine.swarm.managers.clear();
  const unknown = await engine.call("GET", `/nodes/${QUEEN}`);
  expect(unknown.json).toMatchObject({ ManagerStatus: { Reachability: "unknown" } });
  expect(unknown.text).not.toContain('"Leader"');
  expect((await engine.call("GET", "/nodes/bee")).text).not.toContain("ManagerStatus");
});

test("hostnames need not be unique", async () => {
  await engine.swarm.store.update((tx) =>
    tx.create<Node>({ ...node(BEE), id: idOf("other"), description: description("bee") }),
  );
  const answer = await engine.call("GET", "/nodes/bee");
  expect(answer).toMatchObject({
    status: 400,
    json: { message: "node bee is ambiguous (2 matches found)" },
  });
  expect((await engine.call("GET", `/nodes/${BEE}`)).status).toBe(200);
});

test("filters", async () => {
  const found = async (filter: unknown): Promise<string[]> => {
    const answer = await engine.call("GET", `/nodes?${filters(filter)}`);
    expect(answer.status, answer.text).toBe(200);
    return (answer.json as { readonly ID: string }[]).map(({ ID: id }) => id);
  };
  expect(await found({})).toEqual([BEE, QUEEN]);
  expect(await found({ name: { que: true } })).toEqual([QUEEN]);
  expect(await found({ id: { be: true } })).toEqual([BEE]);
  expect(await found({ label: { "rack=bee": true } })).toEqual([BEE]);
  expect(await found({ "node.label": { zone: true } })).toEqual([BEE]);
  expect(await found({ role: { manager: true } })).toEqual([QUEEN]);
  expect(await found({ role: { manager: true, worker: true } })).toEqual([BEE, QUEEN]);
  expect(await found({ membership: { accepted: true } })).toEqual([BEE, QUEEN]);
  expect(await found({ membership: { pending: true } })).toEqual([]);
});

test.each([
  [{ role: { bogus: true } }, 500, "Invalid role filter: 'bogus'"],
  [{ membership: { bogus: true } }, 500, "Invalid membership filter: 'bogus'"],
  [{ bogus: { a: true } }, 400, "invalid filter 'bogus'"],
])("the filter %j is refused", async (filter, status, message) => {
  const answer = await engine.call("GET", `/nodes?${filters(filter)}`);
  expect(answer).toMatchObject({ status, json: { message } });
});

test("an update: its version, its fields, its effect", async () => {
  const update = async (version: unknown, body: unknown): Promise<[number, unknown]> => {
    const path = `/v1.50/nodes/bee/update?version=${String(version)}`;
    const answer = await engine.call("POST", path, { body });
    return [answer.status, answer.text === "" ? undefined : answer.json];
  };
  const { version } = node(BEE);
  const spec = { Labels: { a: "b" }, Role: "worker", Availability: "drain" };
  expect(await update(version - 1, spec)).toEqual([
    500,
    { message: "rpc error: code = Unknown desc = update out of sequence" },
  ]);
  expect(await update("", spec)).toEqual([
    400,
    { message: `invalid node version '': strconv.ParseUint: parsing "": invalid syntax` },
  ]);
  expect(await update(version, { ...spec, Role: "x" })).toEqual([
    400,
    { message: 'invalid Role: "x"' },
  ]);
  expect(await update(version, { Role: "worker" })).toEqual([
    400,
    { message: 'invalid Availability: ""' },
  ]);
  expect(await update(version, spec)).toEqual([200, undefined]);
  expect(node(BEE).spec).toEqual({
    name: "",
    labels: { a: "b" },
    role: "worker",
    availability: "drain",
  });
});

test("the last manager stays one, and a node that is up stays", async () => {
  const { version } = node(QUEEN);
  const demote = await engine.call("POST", `/nodes/queen/update?version=${version}`, {
    body: { Labels: {}, Role: "worker", Availability: "active" },
  });
  expect(demote).toMatchObject({
    status: 400,
    json: {
      message:
        "rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm",
    },
  });
  const removed = await engine.call("DELETE", "/nodes/bee");
  expect(removed).toMatchObject({
    status: 400,
    json: {
      message: `rpc error: code = FailedPrecondition desc = node ${BEE} is not down and can't be removed`,
    },
  });
  expect(await engine.call("DELETE", "/nodes/bee?force=1")).toMatchObject({
    status: 200,
    text: "",
  });
  expect((await engine.call("GET", "/nodes/bee")).status).toBe(404);
});
