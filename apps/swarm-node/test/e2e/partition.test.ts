import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { infoSchema, nodeSchema, serviceSchema } from "../../src/cli/api-types.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { isRunning } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

let swarm: TestSwarm;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 3, workers: 2, lab: true });
});

afterAll(() => swarm.stop());

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
