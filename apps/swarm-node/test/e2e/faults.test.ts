import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ApiTask } from "../../src/cli/api-types.ts";
import { infoSchema, nothing } from "../../src/cli/api-types.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { isRunning } from "./processes.ts";
import { waitUntil } from "./wait-until.ts";

const REPLICAS = 6;

let swarm: TestSwarm;
let service: string;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 3, workers: 2 });
  service = await swarm.createService("sleepers", REPLICAS);
  await swarm.running(service, REPLICAS);
});

afterAll(() => swarm.stop());

/** Which process runs which task: equal before and after means that nothing was restarted or moved. */
function processes(tasks: readonly ApiTask[]): Record<string, number | undefined> {
  return Object.fromEntries(tasks.map((task) => [task.ID, task.Status.ContainerStatus?.PID]));
}

async function stateOf(node: LocalNode): Promise<string | undefined> {
  const id = await swarm.nodeIdOf(node);
  return (await swarm.listNodes()).find((candidate) => candidate.ID === id)?.Status.State;
}

async function untilState(node: LocalNode, state: string): Promise<void> {
  await waitUntil(
    `${node.name} to be ${state}`,
    async () => ((await stateOf(node)) === state ? true : undefined),
    { timeoutMs: 20_000, describe: async () => String(await stateOf(node)) },
  );
}

describe("a swarm under faults", () => {
  test("kill -9 of the leader: another leads, writes go on, no task restarts", async () => {
    const before = processes(await swarm.running(service, REPLICAS));
    const leader = await swarm.leader();
    await swarm.kill(leader);
    const next = await waitUntil(
      "another leader",
      async () => {
        const now = await swarm.leader();
        return now === leader ? undefined : now;
      },
      { timeoutMs: 10_000 },
    );
    for (const manager of swarm.managers.filter((candidate) => candidate.pid !== undefined)) {
      const info = await manager.client.get("/info", infoSchema);
      expect(info.Swarm.ControlAvailable).toBe(true);
    }
    await swarm.updateService(service, (spec) => ({ ...spec, Labels: { after: "failover" } }));
    expect((await swarm.service(service)).Spec.Labels).toEqual({ after: "failover" });
    // Tasks of the killed manager's own node are replaced in time; all others stay what they were.
    const lost = await swarm.nodeIdOf(leader);
    const elsewhere = (await swarm.tasks(service)).filter(
      (task) => task.NodeID !== lost && task.ID in before,
    );
    for (const task of elsewhere) {
      expect(task.DesiredState).toBe("running");
      expect(task.Status.ContainerStatus?.PID).toBe(before[task.ID]);
      expect(isRunning(before[task.ID])).toBe(true);
    }
    expect(next.pid).toBeDefined();
    await leader.start();
    await untilState(leader, "ready");
    await swarm.running(service, REPLICAS);
  });

  test("a killed manager returns and catches up", async () => {
    const leader = await swarm.leader();
    const follower = swarm.managers.find((manager) => manager !== leader)!;
    await swarm.kill(follower);
    for (let round = 1; round <= 5; round += 1) {
      await swarm.updateService(service, (spec) => ({ ...spec, Labels: { round: String(round) } }));
    }
    await follower.start();
    await waitUntil(
      "the returned manager to know the newest write",
      async () => {
        const found = await follower.client.get(`/services/${service}`, nothing);
        return JSON.stringify(found).includes('"round":"5"') ? true : undefined;
      },
      { timeoutMs: 10_000 },
    );
    await untilState(follower, "ready");
    await swarm.running(service, REPLICAS);
  });

  test("kill -9 of a worker: its tasks run elsewhere, the others stay", async () => {
    const worker = swarm.workers[0]!;
    const workerId = await swarm.nodeIdOf(worker);
    const before = await swarm.running(service, REPLICAS);
    const elsewhere = processes(before.filter((task) => task.NodeID !== workerId));
    expect(before.some((task) => task.NodeID === workerId)).toBe(true);
    await swarm.kill(worker);
    await untilState(worker, "down");
    const after = await swarm.running(service, REPLICAS);
    expect(after.every((task) => task.NodeID !== workerId)).toBe(true);
    expect(processes(after)).toMatchObject(elsewhere);

    // Back again, it ends the processes whose tasks were replaced meanwhile.
    const orphans = before
      .filter((task) => task.NodeID === workerId)
      .map((task) => task.Status.ContainerStatus?.PID);
    await worker.start();
    await untilState(worker, "ready");
    await waitUntil(
      "the replaced processes to be gone",
      () => (orphans.some(isRunning) ? undefined : true),
      { timeoutMs: 20_000 },
    );
    await swarm.running(service, REPLICAS);
  });

  test("a worker's agent is killed and restarted: its processes are adopted", async () => {
    await swarm.updateService(service, (spec) => ({
      ...spec,
      Mode: { Replicated: { Replicas: REPLICAS + 4 } },
    }));
    const before = await swarm.running(service, REPLICAS + 4);
    const worker = swarm.workers[0]!;
    const workerId = await swarm.nodeIdOf(worker);
    const own = before.filter((task) => task.NodeID === workerId);
    expect(own.length).toBeGreaterThan(0);
    await swarm.kill(worker);
    await worker.start();
    await untilState(worker, "ready");
    await waitUntil(
      "the session of the restarted agent",
      async () => {
        const info = await worker.client.get("/info", infoSchema);
        return info.Swarm.LocalNodeState === "active" ? true : undefined;
      },
      { timeoutMs: 10_000 },
    );
    const after = await swarm.running(service, REPLICAS + 4);
    expect(processes(after)).toEqual(processes(before));
    for (const task of own) expect(isRunning(task.Status.ContainerStatus?.PID)).toBe(true);
  });

  test("a worker frozen for 2 s: nothing moves", async () => {
    const before = await swarm.running(service, REPLICAS + 4);
    const worker = swarm.workers[1]!;
    swarm.freeze(worker);
    const frozenAt = performance.now();
    // The pause is what is tested: it lasts as long as the fault does.
    await waitUntil(
      "2 s of frozen worker",
      () => (performance.now() - frozenAt >= 2_000 ? true : undefined),
      { timeoutMs: 3_000 },
    );
    swarm.thaw(worker);
    await worker.client.get("/info", infoSchema);
    const thawedAt = performance.now();
    await waitUntil(
      "the suspicions of the pause to run out without effect",
      async () => {
        expect(await stateOf(worker)).toBe("ready");
        return performance.now() - thawedAt > 5_000 ? true : undefined;
      },
      { timeoutMs: 6_000 },
    );
    expect(processes(await swarm.running(service, REPLICAS + 4))).toEqual(processes(before));
  });

  test("all managers killed at once and restarted: nothing is lost, tasks are adopted", async () => {
    const before = await swarm.running(service, REPLICAS + 4);
    await Promise.all(swarm.managers.map((manager) => swarm.kill(manager)));
    for (const task of before) expect(isRunning(task.Status.ContainerStatus?.PID)).toBe(true);
    await Promise.all(swarm.managers.map((manager) => manager.start()));
    await swarm.leader();
    expect((await swarm.service(service)).Spec.Labels).toEqual({ round: "5" });
    for (const node of swarm.nodes) await untilState(node, "ready");
    const after = await swarm.running(service, REPLICAS + 4);
    expect(processes(after)).toEqual(processes(before));
  });
});
