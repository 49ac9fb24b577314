import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { infoSchema, nodeSchema, serviceSchema } from "../../src/cli/api-types.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { isRunning } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

let swarm: TestSwarm;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 3, workers: 2, lab: true });
});

afterAll(() => swarm.stop());

async function raftOf(manager: LocalNode) {
  return (await manager.client.get("/info", infoSchema)).Swarm.Raft!;
}

test("a leader that is cut off is replaced, refuses to answer, and follows again when healed", async () => {
  const service = await swarm.createService("kept", 0);
  const old = await swarm.leader();
  const oldId = await swarm.nodeIdOf(old);
  const majority = swarm.managers.find((manager) => manager !== old)!;
  swarm.cut(old);
  await waitUntil(
    "the majority to choose another leader",
    async () => {
      const nodes = await majority.client.get("/nodes", z.array(nodeSchema));
      const leader = nodes.find((node) => node.ManagerStatus?.Leader === true)?.ID;
      return leader === undefined || leader === oldId ? undefined : leader;
    },
    { timeoutMs: 15_000 },
  );
  await expect(old.client.get(`/services/${service}`, serviceSchema)).rejects.toThrow();

  swarm.heal(old);
  await waitUntil(
    "the healed manager to answer with the swarm's state again",
    async () => {
      await old.client.get(`/services/${service}`, serviceSchema);
      const info = await old.client.get("/info", infoSchema);
      return info.Swarm.ControlAvailable ? true : undefined;
    },
    { timeoutMs: 15_000 },
  );
});

test("a manager that was cut off and is healed does not disturb the leader", async () => {
  const leader = await swarm.leader();
  const other = swarm.managers.find((manager) => manager !== leader)!;
  const before = await raftOf(leader);
  expect(before).toMatchObject({ Role: "leader", Voters: 3, PreVote: true, CheckQuorum: true });
  swarm.cut(other);
  // It asks for votes all the while, and must not raise its term by that.
  await waitUntil(
    "the manager that is cut off to look for a leader",
    async () => ((await raftOf(other)).Role === "pre-candidate" ? true : undefined),
    { timeoutMs: 15_000, describe: async () => JSON.stringify(await raftOf(other)) },
  );
  const askingSince = performance.now();
  await waitUntil(
    "more than an election's time to pass",
    () => (performance.now() - askingSince > 2_000 ? true : undefined),
    { timeoutMs: 5_000 },
  );
  expect((await raftOf(other)).Term).toBe(before.Term);
  swarm.heal(other);
  await waitUntil(
    "the healed manager to follow again",
    async () => {
      await other.client.get("/nodes", z.array(nodeSchema));
      return (await raftOf(other)).Role === "follower" ? true : undefined;
    },
    { timeoutMs: 15_000 },
  );
  expect(await raftOf(leader)).toMatchObject({ Role: "leader", Term: before.Term });
  expect((await raftOf(other)).Term).toBe(before.Term);
});

test("a worker that is cut off loses its tasks to others, and ends them when it is back", async () => {
  const replicas = 4;
  const service = await swarm.createService("moving", replicas, {
    constraint: ["node.role==worker"],
  });
  const before = await swarm.running(service, replicas);
  const worker = swarm.workers[0]!;
  const workerId = await swarm.nodeIdOf(worker);
  const lost = before.filter((task) => task.NodeID === workerId);
  expect(lost).toHaveLength(2);

  swarm.cut(worker);
  await waitUntil(
    "all replicas to run on the other worker",
    async () => {
      const running = await swarm.running(service, replicas);
      return running.every((task) => task.NodeID !== workerId) ? true : undefined;
    },
    { timeoutMs: 30_000 },
  );
  for (const task of lost) expect(isRunning(task.Status.ContainerStatus?.PID)).toBe(true);

  swarm.heal(worker);
  await waitUntil(
    "the healed worker to end what was replaced",
    () => (lost.some((task) => isRunning(task.Status.ContainerStatus?.PID)) ? undefined : true),
    { timeoutMs: 30_000 },
  );
  await swarm.running(service, replicas);
});
