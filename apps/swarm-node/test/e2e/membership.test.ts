import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import {
  type ApiNode,
  type ApiTask,
  infoSchema,
  nodeSchema,
  nothing,
  serviceSchema,
  swarmSchema,
} from "../../src/cli/api-types.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { waitUntil } from "./wait-until.ts";

const REPLICAS = 6;
/** As many more as there are nodes: then the emptiest ones get one each, however many are equally empty. */
const GROWN = REPLICAS + 4;

let swarm: TestSwarm;
let service: string;
let first: LocalNode;
let second: LocalNode;
let third: LocalNode;
let worker: LocalNode;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 0, workers: 0 });
  [first, second, third, worker] = await Promise.all([
    swarm.startNode("first"),
    swarm.startNode("second"),
    swarm.startNode("third"),
    swarm.startNode("worker"),
  ]);
  await first.client.post("/swarm/init", { Spec: {} }, nothing);
  await join(worker, "Worker");
  // A node that has joined is ready a moment later; before that all tasks would go to the other, and stay there.
  await untilReady(first, worker);
  service = await swarm.createService("sleepers", REPLICAS);
  await swarm.running(service, REPLICAS);
});

afterAll(() => swarm.stop());

async function join(node: LocalNode, role: "Manager" | "Worker"): Promise<string> {
  const api = await swarm.api();
  const { JoinTokens: tokens } = await api.get("/swarm", swarmSchema);
  const { Swarm: info } = await api.get("/info", infoSchema);
  const remotes = (info.RemoteManagers ?? []).map((peer) => peer.Addr);
  const body = { RemoteAddrs: remotes, JoinToken: tokens[role] };
  await node.client.post("/swarm/join", body, nothing);
  return swarm.nodeIdOf(node);
}

function nodesAsSeenBy(node: LocalNode): Promise<ApiNode[]> {
  return node.client.get("/nodes", z.array(nodeSchema));
}

async function nodeById(id: string): Promise<ApiNode | undefined> {
  return (await swarm.listNodes()).find((node) => node.ID === id);
}

async function changeNode(id: string, change: Partial<ApiNode["Spec"]>): Promise<void> {
  const api = await swarm.api();
  const found = await api.get(`/nodes/${id}`, nodeSchema);
  const path = `/nodes/${id}/update?version=${found.Version.Index}`;
  await api.post(path, { ...found.Spec, ...change }, nothing);
}

/** Writes through one node and reads through others. */
async function expectWritable(through: LocalNode, ...readers: LocalNode[]): Promise<void> {
  const mark = String(performance.now());
  const found = await through.client.get(`/services/${service}`, serviceSchema);
  const path = `/services/${service}/update?version=${found.Version.Index}`;
  await through.client.post(path, { ...found.Spec, Labels: { mark } }, nothing);
  for (const reader of readers) {
    const seen = await reader.client.get(`/services/${service}`, serviceSchema);
    expect(seen.Spec.Labels).toEqual({ mark });
  }
}

async function untilManagers(seenBy: LocalNode, ids: readonly string[]): Promise<void> {
  const managers = async (): Promise<ApiNode[]> =>
    (await nodesAsSeenBy(seenBy)).filter((node) => node.ManagerStatus !== undefined);
  await waitUntil(
    `${ids.length} reachable managers, one of them leading`,
    async () => {
      const found = await managers();
      const sound =
        found.length === ids.length &&
        found.every((node) => ids.includes(node.ID)) &&
        found.every((node) => node.ManagerStatus?.Reachability === "reachable") &&
        found.filter((node) => node.ManagerStatus?.Leader === true).length === 1;
      return sound ? true : undefined;
    },
    {
      timeoutMs: 20_000,
      describe: async () => JSON.stringify((await managers()).map((node) => node.ManagerStatus)),
    },
  );
}

async function untilReady(...nodes: LocalNode[]): Promise<void> {
  for (const node of nodes) {
    const id = await swarm.nodeIdOf(node);
    await waitUntil(
      `${node.name} to be ready`,
      async () => ((await nodeById(id))?.Status.State === "ready" ? true : undefined),
      { timeoutMs: 20_000, describe: async () => JSON.stringify(await nodeById(id)) },
    );
  }
}

async function followerOf(...managers: LocalNode[]): Promise<LocalNode> {
  const leader = await swarm.leader();
  return managers.find((manager) => manager !== leader)!;
}

/** Which process runs each slot, of the tasks on the given node. */
function processesOn(tasks: readonly ApiTask[], nodeId: string): (number | undefined)[] {
  return tasks
    .filter((task) => task.NodeID === nodeId)
    .map((task) => task.Status.ContainerStatus?.PID);
}

test("a manager joins a swarm of one; each of the two is needed", async () => {
  const ids = [await swarm.nodeIdOf(first), await join(second, "Manager")];
  await untilManagers(first, ids);
  await untilManagers(second, ids);
  await expectWritable(second, first);
  await expectWritable(first, second);

  await swarm.kill(second);
  await expect(expectWritable(first)).rejects.toThrow();
  await second.start();
  await waitUntil(
    "writes to go on",
    async () => {
      await expectWritable(first, second);
      return true;
    },
    { timeoutMs: 20_000 },
  );
  await untilManagers(second, ids);
});

test("a third manager joins, through a follower as well", async () => {
  const ids = [await swarm.nodeIdOf(first), await swarm.nodeIdOf(second)];
  ids.push(await join(third, "Manager"));
  for (const node of [first, second, third]) await untilManagers(node, ids);
  await expectWritable(third, first, second);
});

test("a manager that was down for more than is kept of the log catches up by snapshot", async () => {
  const api = await swarm.api();
  const { Version: version, Spec: spec } = await api.get("/swarm", swarmSchema);
  const raft = { SnapshotInterval: 30, LogEntriesForSlowFollowers: 5 };
  await api.post(`/swarm/update?version=${version.Index}`, { ...spec, Raft: raft }, nothing);
  const behind = await followerOf(first, second, third);
  await swarm.kill(behind);
  for (let round = 0; round < 80; round += 1) await expectWritable(await swarm.leader());
  await behind.start();
  await waitUntil(
    "the manager that was down to know what was written meanwhile",
    async () => {
      await expectWritable(behind, behind);
      return true;
    },
    { timeoutMs: 20_000 },
  );
  expect(await readFile(behind.logFile, "utf8")).toContain("was replaced by a snapshot");
  // And it holds up alone as a member: with it, two of three decide.
  const other = [first, second, third].find((node) => node !== behind)!;
  await swarm.kill(other);
  await waitUntil(
    "writes to go on without the other",
    async () => {
      await expectWritable(behind, behind);
      return true;
    },
    { timeoutMs: 20_000 },
  );
  await other.start();
  await untilReady(first, second, third, worker);
  await swarm.running(service, REPLICAS);
});

test("the leader leaves with --force: the others go on, and its node can be removed", async () => {
  const leader = await swarm.leader();
  const id = await swarm.nodeIdOf(leader);
  const workerId = await swarm.nodeIdOf(worker);
  const before = processesOn(await swarm.running(service, REPLICAS), workerId);
  expect(before).not.toEqual([]);
  await leader.client.post("/swarm/leave?force=1", undefined, nothing);
  expect((await nodeById(id))?.ManagerStatus).toBeUndefined();
  const others = [first, second, third].filter((node) => node !== leader);
  const otherIds = await Promise.all(others.map((node) => swarm.nodeIdOf(node)));
  for (const node of others) await untilManagers(node, otherIds);
  await expectWritable(others[0]!, others[1]!);
  const after = await swarm.running(service, REPLICAS);
  expect(processesOn(after, workerId)).toEqual(expect.arrayContaining(before));
  expect(processesOn(after, id)).toEqual([]);
  await waitUntil(
    "the node that left to be removed",
    async () => {
      await (await swarm.api()).delete(`/nodes/${id}`);
      return true;
    },
    { timeoutMs: 15_000 },
  );
  expect(await nodeById(id)).toBeUndefined();
  const info = await leader.client.get("/info", infoSchema);
  expect(info.Swarm).toMatchObject({ LocalNodeState: "inactive", NodeID: "" });
});

test("of two managers one leaves: the other goes on alone", async () => {
  const managers = [first, second, third].filter((node) => node.pid !== undefined);
  const states = await Promise.all(
    managers.map(async (node) => (await node.client.get("/info", infoSchema)).Swarm),
  );
  const active = managers.filter((_, at) => states[at]!.ControlAvailable);
  expect(active).toHaveLength(2);
  const leader = await swarm.leader();
  const left = active.find((node) => node !== leader)!;
  await leader.client.post("/swarm/leave?force=1", undefined, nothing);
  await untilManagers(left, [await swarm.nodeIdOf(left)]);
  await expectWritable(left, left);
  await swarm.running(service, REPLICAS);
});

test("a demoted manager is a worker that works", async () => {
  const [alone] = await managersNow();
  const others = [first, second, third].filter((node) => node !== alone);
  for (const node of others) await join(node, "Manager");
  await untilReady(first, second, third);
  for (const pick of ["a follower", "the leader"]) {
    const leader = await swarm.leader();
    const managers = await managersNow();
    const demoted = pick === "the leader" ? leader : managers.find((node) => node !== leader)!;
    const id = await swarm.nodeIdOf(demoted);
    await changeNode(id, { Role: "worker" });
    await waitUntil(
      `${pick} to be a worker`,
      async () => {
        const info = await demoted.client.get("/info", infoSchema);
        const node = await nodeById(id);
        return !info.Swarm.ControlAvailable && node?.ManagerStatus === undefined ? true : undefined;
      },
      { timeoutMs: 20_000, describe: async () => JSON.stringify(await nodeById(id)) },
    );
    await expect(nodesAsSeenBy(demoted)).rejects.toThrow(/not a swarm manager/);
    await untilReady(demoted);
    const there = await swarm.createService(pick.replace(" ", "-"), 1, {
      constraint: [`node.id==${id}`],
    });
    const [task] = await swarm.running(there, 1);
    expect(task!.NodeID).toBe(id);
    await (await swarm.api()).delete(`/services/${there}`);
  }
  expect(await managersNow()).toHaveLength(1);
  // After a restart it still is one.
  const [manager] = await managersNow();
  const restarted = [first, second, third].find((node) => node !== manager)!;
  await swarm.kill(restarted);
  await restarted.start();
  const { Swarm: info } = await restarted.client.get("/info", infoSchema);
  expect(info).toMatchObject({ LocalNodeState: "active", ControlAvailable: false });
  await untilReady(first, second, third, worker);
});

async function managersNow(): Promise<LocalNode[]> {
  const found: LocalNode[] = [];
  for (const node of [first, second, third]) {
    if ((await node.client.get("/info", infoSchema)).Swarm.ControlAvailable) found.push(node);
  }
  return found;
}

test("drain moves the tasks of a node, and active lets it have some again", async () => {
  const id = await swarm.nodeIdOf(worker);
  const elsewhere = (await swarm.running(service, REPLICAS)).filter((task) => task.NodeID !== id);
  const before = (await swarm.tasks(service)).map((task) => [task.NodeID, task.Status]);
  expect(elsewhere.length, `no task is on ${id}: ${JSON.stringify(before)}`).toBeLessThan(REPLICAS);
  await changeNode(id, { Availability: "drain" });
  const moved = await waitUntil(
    "all tasks to run elsewhere",
    async () => {
      const tasks = await swarm.running(service, REPLICAS);
      return tasks.every((task) => task.NodeID !== id) ? tasks : undefined;
    },
    { timeoutMs: 20_000 },
  );
  for (const task of elsewhere)
    expect(moved.find(({ ID: same }) => same === task.ID)?.Status).toEqual(task.Status);
  await changeNode(id, { Availability: "active" });
  await swarm.updateService(service, (spec) => ({
    ...spec,
    Mode: { Replicated: { Replicas: GROWN } },
  }));
  const grown = await swarm.running(service, GROWN);
  const history = (await swarm.tasks(service)).map((task) => [task.NodeID, task.Status]);
  const seen = JSON.stringify({ elsewhere, node: await nodeById(id), history }, undefined, 1);
  expect(
    grown.map((task) => task.NodeID),
    `nothing was placed on ${id}: ${seen}`,
  ).toContain(id);
});

test("a worker leaves: its tasks run elsewhere, and node rm removes it", async () => {
  const id = await swarm.nodeIdOf(worker);
  await worker.client.post("/swarm/leave", undefined, nothing);
  const after = await waitUntil(
    "all tasks to run elsewhere",
    async () => {
      const tasks = await swarm.running(service, GROWN);
      return tasks.every((task) => task.NodeID !== id) ? tasks : undefined;
    },
    { timeoutMs: 20_000 },
  );
  expect(after).toHaveLength(GROWN);
  expect((await nodeById(id))?.Status.State).toBe("down");
  await (await swarm.api()).delete(`/nodes/${id}`);
  expect(await nodeById(id)).toBeUndefined();
});

test("a manager that lost its quorum can still be forced to leave", async () => {
  const [alone] = await managersNow();
  await join(worker, "Manager");
  await untilManagers(alone!, await Promise.all([alone!, worker].map((n) => swarm.nodeIdOf(n))));
  await swarm.kill(worker);
  await expect(alone!.client.post("/swarm/leave", undefined, nothing)).rejects.toThrow(/--force/);
  await alone!.client.post("/swarm/leave?force=1", undefined, nothing);
  const { Swarm: info } = await alone!.client.get("/info", infoSchema);
  expect(info).toMatchObject({ LocalNodeState: "inactive", NodeID: "" });
  await alone!.client.post("/swarm/init", { Spec: {} }, nothing);
  await waitUntil(
    "the new swarm to have one node",
    async () => ((await nodesAsSeenBy(alone!)).length === 1 ? true : undefined),
    { timeoutMs: 10_000 },
  );
});
