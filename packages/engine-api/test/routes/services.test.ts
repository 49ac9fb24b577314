import { afterEach, beforeEach, expect, test } from "vitest";
import type { Service } from "@waggle/swarm-state";
import { type Engine, filters, inactive, openEngine, PortError } from "../support/engine.ts";
import { serviceRequest } from "../support/requests.ts";
import { addTasks, taskDraft } from "../support/samples.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine({ now: () => 1_795_000_000_460 });
});

afterEach(() => engine.close());

async function create(name = "web", change: object = {}): Promise<string> {
  const answer = await engine.call("POST", "/v1.50/services/create", {
    body: serviceRequest(name, change),
  });
  expect(answer.status, answer.text).toBe(201);
  const { ID: id, ...rest } = answer.json as { readonly ID: string };
  expect(rest).toEqual({ Warnings: null });
  return id;
}

async function message(method: string, path: string, body?: unknown): Promise<[number, string]> {
  const answer = await engine.call(method, path, { body });
  return [answer.status, (answer.json as { readonly message: string }).message];
}

async function serviceOf(id: string): Promise<Service> {
  return (await engine.swarm.control.getService(id)).service;
}

test("a service is shown as it was posted", async () => {
  const id = await create();
  const { version } = await serviceOf(id);
  const request = serviceRequest() as { readonly TaskTemplate: { readonly ContainerSpec: object } };
  const shown = {
    ID: id,
    Version: { Index: version },
    CreatedAt: "2026-11-18T11:06:40.46Z",
    UpdatedAt: "2026-11-18T11:06:40.46Z",
    Spec: {
      ...request,
      TaskTemplate: {
        ...request.TaskTemplate,
        ContainerSpec: { ...request.TaskTemplate.ContainerSpec, Isolation: "default" },
        Runtime: "container",
      },
    },
    Endpoint: { Spec: {} },
  };
  for (const path of [id, "web", id.slice(0, 10)]) {
    const answer = await engine.call("GET", `/v1.50/services/${path}?insertDefaults=false`);
    expect(answer.json).toEqual(shown);
  }
  expect((await engine.call("GET", "/services")).json).toEqual([shown]);
});

test("defaults are shown to those who ask for them", async () => {
  await create("web", { UpdateConfig: { Parallelism: 2, MaxFailureRatio: 0, Order: "" } });
  const update = { FailureAction: "pause", MaxFailureRatio: 0, Order: "stop-first" };
  expect((await engine.call("GET", "/services/web?insertDefaults=true")).json).toMatchObject({
    Spec: {
      TaskTemplate: {
        ContainerSpec: { StopGracePeriod: 10_000_000_000 },
        RestartPolicy: { Condition: "any", Delay: 5_000_000_000, MaxAttempts: 0 },
      },
      UpdateConfig: { ...update, Parallelism: 2, Monitor: 5_000_000_000 },
      RollbackConfig: { ...update, Parallelism: 1, Monitor: 5_000_000_000 },
    },
  });
  const plain = await engine.call("GET", "/services/web");
  expect((plain.json as { Spec: object }).Spec).toMatchObject({
    UpdateConfig: { ...update, Parallelism: 2 },
  });
  expect(plain.text).not.toMatch(/Monitor|RollbackConfig|RestartPolicy|StopGracePeriod/);
});

test("counts of tasks are shown to those who ask for them and may know them", async () => {
  const id = await create();
  await addTasks(
    engine.swarm.store,
    taskDraft("one", id),
    taskDraft("two", id, { state: "failed" }),
  );
  const counts = { RunningTasks: 1, DesiredTasks: 2, CompletedTasks: 0 };
  const listed = await engine.call("GET", "/v1.41/services?status=true");
  expect(listed.json).toMatchObject([{ ServiceStatus: counts }]);
  for (const path of [
    "/v1.41/services",
    "/v1.40/services?status=true",
    `/services/${id}?status=1`,
  ]) {
    expect((await engine.call("GET", path)).text).not.toContain("ServiceStatus");
  }
  expect(await message("GET", "/services?status=maybe")).toEqual([
    400,
    'invalid value for status: maybe: strconv.ParseBool: parsing "maybe": invalid syntax',
  ]);
});

test("what was read can be sent back, and changes nothing but the version", async () => {
  const id = await create("web", {
    Labels: { a: "b" },
    UpdateConfig: { Parallelism: 0, Delay: 1_500_000, MaxFailureRatio: 0.1, Order: "start-first" },
  });
  const before = await serviceOf(id);
  const read = await engine.call("GET", `/services/${id}?insertDefaults=false`);
  const { Spec: body } = read.json as { readonly Spec: object };
  const path = `/v1.50/services/${id}/update?version=${before.version}&registryAuthFrom=spec`;
  const answer = await engine.call("POST", path, { body });
  expect(answer).toMatchObject({ status: 200, json: { Warnings: null } });
  const after = await serviceOf(id);
  expect(after.spec).toEqual(before.spec);
  expect(after.specVersion).toBe(before.specVersion);
  expect(after.version).toBeGreaterThan(before.version);
});

test("an update names the version that it has seen", async () => {
  const id = await create();
  const { version } = await serviceOf(id);
  const update = (query: string): Promise<[number, string]> =>
    message("POST", `/services/${id}/update?${query}`, serviceRequest());
  const stale = [500, "rpc error: code = Unknown desc = update out of sequence"];
  expect(await update(`version=${version - 1}`)).toEqual(stale);
  expect(await update("version=18446744073709551615")).toEqual(stale);
  expect(await update("")).toEqual([
    400,
    `invalid service version '': strconv.ParseUint: parsing "": invalid syntax`,
  ]);
  expect((await update("version=-1"))[0]).toBe(400);
  expect((await serviceOf(id)).version).toBe(version);
});

test("an update drops the status of the one before", async () => {
  const id = await create();
  await engine.swarm.store.update((tx) =>
    tx.update({
      ...tx.get("service", id)!,
      updateStatus: {
        state: "rollback-paused",
        startedAtMs: 1_795_000_000_000,
        completedAtMs: undefined,
        message: "rollback paused",
      },
    }),
  );
  expect((await engine.call("GET", "/services/web")).json).toMatchObject({
    UpdateStatus: {
      State: "rollback_paused",
      StartedAt: "2026-11-18T11:06:40Z",
      Message: "rollback paused",
    },
  });
  const { version } = await serviceOf(id);
  const path = `/services/web/update?version=${version}`;
  expect((await engine.call("POST", path, { body: serviceRequest() })).status).toBe(200);
  const after = await engine.call("GET", "/services/web");
  expect(after.text).not.toContain("UpdateStatus");
  expect(after.json).toMatchObject({ PreviousSpec: { Name: "web" } });
});

test("a rollback brings the spec before back, whatever is sent along", async () => {
  const id = await create();
  const rollback = async (): Promise<[number, unknown]> => {
    const { version } = await serviceOf(id);
    const path = `/services/web/update?rollback=previous&version=${version}`;
    const answer = await engine.call("POST", path, {
      body: serviceRequest("web", { Labels: { sent: "along" } }),
    });
    return [answer.status, answer.json];
  };
  const none = `rpc error: code = FailedPrecondition desc = service ${id} does not have a previous spec`;
  expect(await rollback()).toEqual([400, { message: none }]);
  const { version } = await serviceOf(id);
  const body = serviceRequest("web", { Labels: { second: "" } });
  await engine.call("POST", `/services/web/update?version=${version}`, { body });
  expect((await serviceOf(id)).spec.labels).toEqual({ second: "" });
  expect(await rollback()).toEqual([200, { Warnings: null }]);
  expect((await serviceOf(id)).spec.labels).toEqual({});
  expect(await rollback()).toEqual([200, { Warnings: null }]);
  expect((await serviceOf(id)).spec.labels).toEqual({ second: "" });
});

test("words in the query that nobody knows", async () => {
  const id = await create();
  const { version } = await serviceOf(id);
  const path = `/services/web/update?version=${version}`;
  const post = (query: string): Promise<[number, string]> =>
    message("POST", `${path}&${query}`, serviceRequest());
  expect(await post("rollback=x")).toEqual([500, "unrecognized rollback option x"]);
  expect(await post("registryAuthFrom=x")).toEqual([500, "unsupported registryAuthFrom value"]);
});

test("a name is taken once, and made up where none is given", async () => {
  await create();
  expect(await message("POST", "/services/create", serviceRequest())).toEqual([
    409,
    "rpc error: code = AlreadyExists desc = name conflicts with an existing object: service web already exists",
  ]);
  const id = await create("");
  expect((await serviceOf(id)).spec.name).toMatch(/^[a-z]+_[a-z]+_\d+$/);
});

test("services are found by id, then name, then start of an id", async () => {
  const first = await create("one");
  const second = await create("two");
  const named = await create(first.slice(0, 3));
  const idAt = async (path: string): Promise<unknown> =>
    ((await engine.call("GET", `/services/${path}`)).json as { readonly ID: unknown }).ID;
  expect(await idAt(first)).toBe(first);
  expect(await idAt("two")).toBe(second);
  expect(await idAt(first.slice(0, 3))).toBe(named);
  expect(await message("GET", "/services/none")).toEqual([404, "service none not found"]);
  expect(await message("DELETE", "/services/none")).toEqual([404, "service none not found"]);
});

test("filters", async () => {
  const web = await create("web", { Labels: { tier: "front", empty: "" } });
  const web2 = await create("web2", { Labels: { tier: "back" } });
  const found = async (filter: unknown): Promise<string[]> => {
    const answer = await engine.call("GET", `/v1.50/services?${filters(filter)}`);
    expect(answer.status, answer.text).toBe(200);
    return (answer.json as { readonly ID: string }[]).map((service) => service.ID);
  };
  expect(await found({ name: { web: true } })).toEqual([web, web2].sort());
  expect(await found({ name: ["web2"] })).toEqual([web2]);
  expect(await found({ id: { [web.slice(0, 20)]: true } })).toEqual([web]);
  expect(await found({ id: { web: true } })).toEqual([]);
  expect(await found({ label: { tier: true } })).toEqual([web, web2].sort());
  expect(await found({ label: { "tier=back": true } })).toEqual([web2]);
  expect(await found({ label: { tier: true, empty: true } })).toEqual([web]);
  expect(await found({ mode: { global: true } })).toEqual([]);
  expect(await found({ mode: { replicated: true }, name: { web2: true } })).toEqual([web2]);
  expect(await found({ runtime: { plugin: true } })).toEqual([]);
  expect(await message("GET", `/services?${filters({ foo: { a: true } })}`)).toEqual([
    400,
    "invalid filter 'foo'",
  ]);
  expect(await message("GET", "/services?filters=nope")).toEqual([400, "invalid filter"]);
});

test("a service that is removed is gone", async () => {
  const id = await create();
  const answer = await engine.call("DELETE", "/services/web");
  expect(answer).toMatchObject({ status: 200, text: "", headers: { "content-length": "0" } });
  expect(answer.headers["content-type"]).toBeUndefined();
  expect(engine.swarm.store.view().get("service", id)).toBeUndefined();
});

test.each([
  ["an unknown mode", { Mode: { Global: {} } }, 501, /service mode Global is not supported/],
  [
    "two modes",
    { Mode: { Replicated: {}, Global: {} } },
    400,
    /^must specify only one service mode$/,
  ],
  ["a port", { EndpointSpec: { Ports: [{ TargetPort: 80 }] } }, 501, /published ports/],
  ["an unknown endpoint", { EndpointSpec: { Mode: "x" } }, 400, /^invalid resolution mode: "x"$/],
  ["networks", { Networks: [{ Target: "" }] }, 501, /ServiceSpec: Networks is not supported/],
  ["a bad name", { Name: "a b" }, 400, /InvalidArgument desc = name must be valid as a DNS name/],
  ["an unknown order", { UpdateConfig: { Order: "x" } }, 400, /^unrecognized update order x$/],
  [
    "an unknown failure action",
    { RollbackConfig: { FailureAction: "x" } },
    400,
    /^unrecognized update failure action x$/,
  ],
])("a service with %s is refused", async (_name, change, status, text) => {
  const answer = await engine.call("POST", "/services/create", {
    body: serviceRequest("web", change),
  });
  expect(answer.status).toBe(status);
  expect((answer.json as { readonly message: string }).message).toMatch(text);
  expect(await engine.swarm.control.listServices()).toEqual([]);
});

test("why a node has no swarm to show", async () => {
  engine.hasControl = false;
  const { status } = engine;
  engine.status = { ...status, controlAvailable: false };
  expect((await message("GET", "/services"))[1]).toMatch(/Worker nodes can't be used to view/);
  engine.status = inactive;
  expect(await message("GET", "/services")).toEqual([
    503,
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  ]);
});

test("a manager that knows no leader is asked all the same: its control API waits for one", async () => {
  engine.status = { ...engine.status, controlAvailable: false };
  expect((await engine.call("GET", "/services")).status).toBe(200);
});

test("an error of the swarm port keeps its words", async () => {
  engine.failure = new PortError("already-member", "This node is already part of a swarm.");
  expect(await message("POST", "/swarm/init", {})).toEqual([
    503,
    "This node is already part of a swarm.",
  ]);
});
