import type { ServiceSpec, SwarmStore } from "@waggle/swarm-state";
import { beforeEach, describe, expect, test } from "vitest";
import {
  addNode,
  ControlError,
  createControlApi,
  initialiseCluster,
  isControlError,
  setManagerMembership,
  withdrawNode,
  type ControlApi,
} from "../../src/index.ts";
import { change, create, openStore } from "../support/open-store.ts";
import { createIds, description, idOf, node, serviceSpec, task } from "../support/samples.ts";

let store: SwarmStore;
let api: ControlApi;
let barrier: () => Promise<void>;
let removable: boolean;

beforeEach(() => {
  store = openStore();
  barrier = () => Promise.resolve();
  removable = true;
  api = createControlApi({
    store,
    barrier: () => barrier(),
    managers: () =>
      new Map([
        [
          idOf("m1"),
          { leader: true, learner: false, reachability: "reachable", address: "10.0.0.9:1" },
        ],
      ]),
    membership: { canRemoveManager: () => removable },
    newId: createIds(),
  });
});

const rejection = async (call: Promise<unknown>): Promise<ControlError> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isControlError(error)) throw new Error(`no ControlError but ${String(error)}`);
  return error;
};

const refused = async (call: Promise<unknown>): Promise<string> => {
  const { code, message } = await rejection(call);
  return `${code}: ${message}`;
};

describe("services", () => {
  const edited = (edit: (spec: ServiceSpec) => ServiceSpec) => edit(serviceSpec());

  test("may have a spec that all that is made of it can hold, and no larger one", async () => {
    const large = (bytes: number) => serviceSpec("web", { labels: labelsOf(bytes) });
    const labelsOf = (bytes: number) =>
      Object.fromEntries(
        Array.from({ length: 4 }, (_, at) => [`l${at}`, "ä".repeat(bytes / 8)] as const),
      );
    expect(await refused(api.createService({ spec: large(400_000) }))).toMatch(
      /^invalid-argument: the service has \d+ bytes, more than 400000$/,
    );
    const { id, version } = await api.createService({ spec: large(399_000) });
    await api.updateService({ id, version, spec: { ...large(399_000), mode: replicas(3) } });
    expect((await api.getService(id)).desiredTasks).toBe(3);
  });

  const replicas = (count: number) => ({ type: "replicated", replicas: count }) as const;

  test("are created, listed with their counts, and removed", async () => {
    const service = await api.createService({ spec: serviceSpec() });
    expect(service.specVersion).toBe(1);
    expect(service.previousSpec).toBeUndefined();
    await create(store, node("n1"), node("n2"));
    await change(store, ["node", idOf("n2")], (n) => ({
      ...n,
      status: { ...n.status, state: "down" },
    }));
    const own = { serviceId: service.id };
    await create(store, { ...task("t1", "n1", "running"), ...own });
    await create(store, { ...task("t2", "n2", "running"), ...own });
    await create(store, { ...task("t3", "n1", "starting"), ...own });
    expect(await api.listServices()).toEqual([{ service, runningTasks: 1, desiredTasks: 2 }]);
    expect(await api.listTasks()).toHaveLength(3);
    expect((await api.getTask(idOf("t3"))).status.state).toBe("starting");

    await api.removeService({ id: service.id });
    expect(await refused(api.getService(service.id))).toMatch(
      /^not-found: service id.* not found$/,
    );
    expect((await rejection(api.removeService({ id: service.id }))).code).toBe("not-found");
  });

  test("keep what they were before, and count changes of their tasks only", async () => {
    const first = await api.createService({ spec: serviceSpec() });
    const scaled = serviceSpec("web", { mode: { type: "replicated", replicas: 5 } });
    const second = await api.updateService({ id: first.id, version: first.version, spec: scaled });
    expect(second).toMatchObject({
      specVersion: 1,
      previousSpec: { mode: { replicas: 2 } },
      previousSpecVersion: 1,
    });
    await change(store, ["service", first.id], (service) => ({
      ...service,
      updateStatus: { state: "paused", startedAtMs: 1, completedAtMs: undefined, message: "" },
    }));
    const { service: paused } = await api.getService(first.id);
    const newImage = { ...scaled, task: { ...scaled.task, forceUpdate: 1 } };
    const third = await api.updateService({
      id: first.id,
      version: paused.version,
      spec: newImage,
    });
    expect(third).toMatchObject({ specVersion: 2, previousSpecVersion: 1 });
    expect(third.updateStatus).toBeUndefined();
  });

  test("conflict in Docker's words", async () => {
    const { id, version } = await api.createService({ spec: serviceSpec("web") });
    expect(await refused(api.createService({ spec: serviceSpec("WEB") }))).toBe(
      "already-exists: name conflicts with an existing object: service WEB already exists",
    );
    const update = (spec: ServiceSpec, seen = version) =>
      refused(api.updateService({ id, version: seen, spec }));
    expect(await update(serviceSpec("web"), version + 7)).toBe(
      "out-of-sequence: update out of sequence",
    );
    expect(await update(serviceSpec("other"))).toBe(
      "unimplemented: renaming services is not supported",
    );
    const odd = JSON.parse('{"type":"global","replicas":1}') as ServiceSpec["mode"];
    expect(await update(serviceSpec("web", { mode: odd }))).toBe(
      "unimplemented: service mode change is not allowed",
    );
  });

  test("share no published port", async () => {
    const publishing = (name: string, publishMode: "ingress" | "host"): ServiceSpec =>
      serviceSpec(name, {
        endpoint: {
          mode: "vip",
          ports: [{ name: "", protocol: "tcp", targetPort: 80, publishedPort: 8080, publishMode }],
        },
      });
    const web = await api.createService({ spec: publishing("web", "host") });
    await api.createService({ spec: publishing("beside", "host") });
    expect(await refused(api.createService({ spec: publishing("clash", "ingress") }))).toContain(
      `port '8080' is already in use by service '`,
    );
    await api.updateService({ id: web.id, version: web.version, spec: publishing("web", "host") });
  });

  const endpoint = (
    mode: "vip" | "dnsrr",
    ...published: readonly number[]
  ): NonNullable<ServiceSpec["endpoint"]> => ({
    mode,
    ports: published.map((publishedPort) => ({
      name: "",
      protocol: "tcp",
      targetPort: 80,
      publishedPort,
      publishMode: "ingress",
    })),
  });
  const withTask = (change: Partial<ServiceSpec["task"]>): ServiceSpec =>
    edited((spec) => ({ ...spec, task: { ...spec.task, ...change } }));
  const withImage = (image: string): ServiceSpec =>
    edited((spec) => ({
      ...spec,
      task: { ...spec.task, container: { ...spec.task.container, image } },
    }));
  const withConstraint = (text: string): ServiceSpec =>
    withTask({ placement: { ...serviceSpec().task.placement, constraints: [text] } });
  const withUpdate = (change: Partial<NonNullable<ServiceSpec["update"]>>): ServiceSpec =>
    serviceSpec("web", {
      update: {
        parallelism: 1,
        delayMs: 0,
        failureAction: "pause",
        monitorMs: 5_000,
        maxFailureRatio: 0,
        order: "stop-first",
        ...change,
      },
    });

  test.each<[string, ServiceSpec]>([
    ["meta: name must be provided", serviceSpec("")],
    ["name must be valid as a DNS name component", serviceSpec("not a name")],
    ["name must be valid as a DNS name component", serviceSpec("ends-")],
    ["name must be valid as a DNS name component", serviceSpec(`${"a".repeat(62)}!`)],
    ["name must be 63 characters or fewer", serviceSpec("a".repeat(64))],
    ["ContainerSpec: image reference must be provided", withImage("")],
    ['ContainerSpec: "BAD IMAGE" is not a valid repository/tag', withImage("BAD IMAGE")],
    ['ContainerSpec: "Upper" is not a valid repository/tag', withImage("Upper")],
    [
      "invalid cpu value 5e-09: Must be at least 0.001",
      withTask({ limits: { nanoCpus: 5, memoryBytes: 0 } }),
    ],
    [
      "invalid memory value 5: Must be at least 4MiB",
      withTask({ reservations: { nanoCpus: 0, memoryBytes: 5 } }),
    ],
    [
      "TaskSpec: restart-delay cannot be negative",
      withTask({ restart: { condition: "any", delayMs: -1, maxAttempts: 0, windowMs: 0 } }),
    ],
    [
      "TaskSpec: restart-window cannot be negative",
      withTask({ restart: { condition: "any", delayMs: 0, maxAttempts: 0, windowMs: -1 } }),
    ],
    ["TaskSpec: update-delay cannot be negative", withUpdate({ delayMs: -1 })],
    ["TaskSpec: update-monitor cannot be negative", withUpdate({ monitorMs: -1 })],
    [
      "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1",
      withUpdate({ maxFailureRatio: 1.5 }),
    ],
    ["constraint expected one operator from ==, !=", withConstraint("node.role=manager")],
    ["key 'no de' is invalid", withConstraint("no de==x")],
    ["value '' is invalid", withConstraint("node.role==")],
    [
      "Number of replicas must be non-negative",
      serviceSpec("web", { mode: { type: "replicated", replicas: -1 } }),
    ],
    [
      "EndpointSpec: duplicate published ports provided",
      serviceSpec("web", { endpoint: endpoint("vip", 80, 80) }),
    ],
    [
      "EndpointSpec: port published with ingress mode can't be used with dnsrr mode",
      serviceSpec("web", { endpoint: endpoint("dnsrr", 80) }),
    ],
  ])("are refused: %s", async (message, spec) => {
    expect(await refused(api.createService({ spec }))).toBe(`invalid-argument: ${message}`);
    expect(store.view().count("service")).toBe(0);
  });

  test.each([
    "process",
    "nginx",
    "nginx:1.27-alpine",
    "library/nginx",
    "localhost:5000/a/b_c:tag",
    `example.com/app@sha256:${"0".repeat(64)}`,
    "[::1]:5000/app",
  ])("may have the image %s", async (image) => {
    await expect(api.createService({ spec: withImage(image) })).resolves.toBeDefined();
  });
});

describe("nodes", () => {
  const manager = (id: string, raftId: number) =>
    node(id, {
      spec: { name: "", labels: {}, role: "manager", availability: "active" },
      manager: { raftId, address: `10.0.0.${raftId}:1` },
    });
  const demote = async (id: string): Promise<string | undefined> => {
    const { node: found } = await api.getNode(idOf(id));
    const spec = { ...found.spec, role: "worker" as const };
    const call = api.updateNode({ id: found.id, version: found.version, spec });
    return call.then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
  };

  test("are shown with what only the managers know", async () => {
    await create(store, manager("m1", 1), manager("m2", 2), node("n1"));
    const views = await api.listNodes();
    expect(views.map((view) => view.manager)).toEqual([
      { leader: true, learner: false, reachability: "reachable", address: "10.0.0.9:1" },
      { leader: false, learner: false, reachability: "unknown", address: "10.0.0.2:1" },
      undefined,
    ]);
  });

  test("are demoted only if the group can do without them", async () => {
    await create(store, manager("m1", 1));
    expect(await demote("m1")).toBe("attempting to demote the last manager of the swarm");
    await create(store, manager("m2", 2), { ...manager("m3", 3), manager: undefined });
    expect(await demote("m3")).toBe("can't find manager in raft memberlist");
    removable = false;
    expect(await demote("m2")).toBe(
      "can't remove member from the raft: this would result in a loss of quorum",
    );
    removable = true;
    expect(await demote("m2")).toBeUndefined();
    expect((await api.getNode(idOf("m2"))).node.spec.role).toBe("worker");
  });

  test("are not promoted, but a demotion that is not carried out yet can be taken back", async () => {
    await create(store, manager("m1", 1), manager("m2", 2), node("n1"));
    const promote = async (id: string): Promise<unknown> => {
      const { node: found } = await api.getNode(idOf(id));
      const spec = { ...found.spec, role: "manager" as const };
      return api.updateNode({ id: found.id, version: found.version, spec });
    };
    expect(await refused(promote("n1"))).toBe(
      "unimplemented: a worker cannot be promoted: let it leave the swarm, and join again with the manager token",
    );
    await demote("m2");
    await promote("m2");
    expect((await api.getNode(idOf("m2"))).node.spec.role).toBe("manager");
  });

  test("are removed only when nothing depends on them", async () => {
    await create(store, manager("m1", 1), node("n1"), task("t1", "n1", "running"));
    await create(store, task("t2", "n1", "failed"));
    const remove = (id: string, force: boolean) => api.removeNode({ id: idOf(id), force });
    expect(await refused(remove("m1", true))).toBe(
      `failed-precondition: node ${idOf("m1")} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal`,
    );
    expect(await refused(remove("n1", false))).toBe(
      `failed-precondition: node ${idOf("n1")} is not down and can't be removed`,
    );
    await remove("n1", true);
    expect((await rejection(api.getNode(idOf("n1")))).code).toBe("not-found");
  });

  test("are removed however many tasks they have", async () => {
    await create(store, node("n1"));
    const large = "x".repeat(100_000);
    for (let at = 0; at < 20; at++) {
      const small = task(`t${at}x`, "n1", "running");
      await create(store, { ...small, service: { name: "web", labels: { large } } });
    }
    await api.removeNode({ id: idOf("n1"), force: true });
    expect((await rejection(api.getNode(idOf("n1")))).code).toBe("not-found");
  });

  test("join, become managers, and are withdrawn if that comes to nothing", async () => {
    const newId = createIds();
    const request = {
      role: "manager",
      availability: "drain",
      hostname: "h",
      address: "10.0.0.7:1",
    } as const;
    const joined = await addNode(store, request, { newId });
    expect(joined).toMatchObject({
      spec: { role: "manager", availability: "drain" },
      status: { state: "unknown", address: "10.0.0.7:1" },
    });
    expect(joined.manager).toBeUndefined();
    await setManagerMembership(store, joined.id, { raftId: 7, address: "10.0.0.7:1" });
    expect((await rejection(withdrawNode(store, joined.id))).code).toBe("failed-precondition");
    await setManagerMembership(store, joined.id, undefined);
    await withdrawNode(store, joined.id);
    await withdrawNode(store, joined.id);
    expect(store.view().count("node")).toBe(0);
    await create(store, node("n1", { description: description() }));
    expect((await rejection(withdrawNode(store, idOf("n1")))).code).toBe("failed-precondition");
  });
});

describe("the cluster", () => {
  const found = () =>
    initialiseCluster(store, {
      node: { id: idOf("m1"), raftId: 1, address: "10.0.0.1:1", availability: "active" },
      newId: createIds(),
    });

  test("is founded once, with its first manager", async () => {
    expect((await rejection(api.getCluster())).code).toBe("not-found");
    const cluster = await found();
    expect(cluster.joinSecrets.worker).not.toBe(cluster.joinSecrets.manager);
    expect(await api.getCluster()).toEqual(cluster);
    expect((await api.getNode(idOf("m1"))).node.manager).toEqual({
      raftId: 1,
      address: "10.0.0.1:1",
    });
    expect((await rejection(found())).code).toBe("failed-precondition");
  });

  test("gets other secrets when they are rotated, and keeps its name", async () => {
    const { version, spec, joinSecrets } = await found();
    const rotate = { workerToken: true, managerToken: false };
    const rotated = await api.updateCluster({
      version,
      spec: { ...spec, taskHistoryLimit: 2 },
      rotate,
    });
    expect(rotated.spec.taskHistoryLimit).toBe(2);
    expect(rotated.joinSecrets.worker).not.toBe(joinSecrets.worker);
    expect(rotated.joinSecrets.manager).toBe(joinSecrets.manager);
    expect(await refused(api.updateCluster({ version, spec, rotate }))).toBe(
      "out-of-sequence: update out of sequence",
    );
    const renamed = { ...spec, name: "other" };
    expect(
      (await rejection(api.updateCluster({ version: rotated.version, spec: renamed, rotate })))
        .code,
    ).toBe("invalid-argument");
  });
});

describe("a manager that cannot serve", () => {
  test("refuses reads when its barrier fails", async () => {
    barrier = () => Promise.reject(new Error("no quorum"));
    expect(await refused(api.listTasks())).toBe(
      "unavailable: this manager cannot read the swarm's state: no quorum",
    );
    barrier = () => Promise.reject(new ControlError("no-leader", "nobody"));
    expect(await refused(api.listTasks())).toBe("no-leader: nobody");
  });

  test("refuses writes while it does not lead", async () => {
    store.stopLeading();
    expect((await rejection(api.createService({ spec: serviceSpec() }))).code).toBe("no-leader");
  });
});
