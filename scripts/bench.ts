// `npm run bench`: how fast a real swarm of three managers and two workers reacts, as medians.
//   npm run bench [-- --rounds 5] [--json]
import { parseArgs } from "node:util";
import { nothing, serviceSchema } from "../apps/swarm-node/src/cli/api-types.ts";
import type { LocalNode } from "../apps/swarm-node/src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "../apps/swarm-node/test/e2e/harness.ts";
import { waitUntil } from "../apps/swarm-node/test/e2e/wait-until.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error("usage: npm run bench [-- --rounds COUNT] [--json]");
  process.exit(2);
}

const REPLICAS = 6;
const say = (text: string): void => {
  if (!values.json) console.log(text);
};

/** From `kill -9` of the leader until a write is accepted by another manager. */
async function leaderKilled(swarm: TestSwarm, service: string, round: number): Promise<number> {
  const leader = await swarm.leader();
  const { Version: version, Spec: spec } = await swarm.service(service);
  const other = swarm.managers.find((manager) => manager !== leader)!;
  const startedAt = performance.now();
  leader.signal("SIGKILL");
  await waitUntil(
    "a write to be accepted",
    async () => {
      const path = `/services/${service}/update?version=${version.Index}`;
      await other.client.post(path, { ...spec, Labels: { round: String(round) } }, nothing);
      return true;
    },
    { timeoutMs: 60_000 },
  );
  const tookMs = performance.now() - startedAt;
  await leader.exited();
  await bringBack(swarm, leader, service);
  return tookMs;
}

/**
 * SIGTERM to the leader, and writes through another manager, one after the other, until its process is gone: the longest
 * that one took, with whatever had to be tried again. The first is wanted at the signal.
 */
async function leaderStopped(swarm: TestSwarm, service: string): Promise<number> {
  const leader = await swarm.leader();
  const other = swarm.managers.find((manager) => manager !== leader)!;
  const exited = leader.exited();
  leader.signal("SIGTERM");
  let longestMs = 0;
  for (let count = 0; leader.pid !== undefined; count += 1) {
    const startedAt = performance.now();
    await waitUntil("a write to be accepted", () => write(other, service, `stop-${count}`), {
      timeoutMs: 60_000,
    });
    longestMs = Math.max(longestMs, performance.now() - startedAt);
  }
  await exited;
  await bringBack(swarm, leader, service);
  return longestMs;
}

async function write(manager: LocalNode, service: string, mark: string): Promise<true> {
  const { Version: version, Spec: spec } = await manager.client.get(
    `/services/${service}`,
    serviceSchema,
  );
  const path = `/services/${service}/update?version=${version.Index}`;
  await manager.client.post(path, { ...spec, Labels: { mark } }, nothing);
  return true;
}

/** From `kill -9` of a worker until all replicas run again. */
async function workerKilled(swarm: TestSwarm, service: string): Promise<number> {
  const tasks = await swarm.running(service, REPLICAS);
  const ids = await Promise.all(swarm.workers.map((worker) => swarm.nodeIdOf(worker)));
  const busiest = [0, 1].sort(
    (a, b) =>
      tasks.filter((task) => task.NodeID === ids[b]).length -
      tasks.filter((task) => task.NodeID === ids[a]).length,
  )[0]!;
  const worker = swarm.workers[busiest]!;
  const lost = tasks.filter((task) => task.NodeID === ids[busiest]);
  if (lost.length === 0) throw new Error("the killed worker had no task: nothing to measure");
  const startedAt = performance.now();
  worker.signal("SIGKILL");
  await waitUntil(
    "all replicas to run elsewhere",
    async () => {
      const now = (await swarm.tasks(service)).filter(
        (task) => task.DesiredState === "running" && task.Status.State === "running",
      );
      const replaced = now.every((task) => task.NodeID !== ids[busiest]);
      return replaced && now.length === REPLICAS ? true : undefined;
    },
    { timeoutMs: 60_000 },
  );
  const tookMs = performance.now() - startedAt;
  await worker.exited();
  await bringBack(swarm, worker, service);
  return tookMs;
}

async function bringBack(swarm: TestSwarm, node: LocalNode, service: string): Promise<void> {
  await node.start();
  const id = await swarm.nodeIdOf(node);
  await waitUntil(
    `${node.name} to be ready again`,
    async () =>
      (await swarm.listNodes()).some((found) => found.ID === id && found.Status.State === "ready")
        ? true
        : undefined,
    { timeoutMs: 60_000 },
  );
  await swarm.running(service, REPLICAS, 60_000);
  // Killed nodes leave their replicas elsewhere; a fresh spread gives each round the same start.
  await swarm.updateService(service, (spec) => ({
    ...spec,
    TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: spec.TaskTemplate.ForceUpdate + 1 },
    UpdateConfig: { Parallelism: 0 },
  }));
  await waitUntil(
    "the replicas to be spread anew",
    async () =>
      (await swarm.service(service)).UpdateStatus?.State === "completed" ? true : undefined,
    { timeoutMs: 60_000 },
  );
  await swarm.running(service, REPLICAS, 60_000);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function summary(values: readonly number[]): { readonly median: number; readonly worst: number } {
  return { median: median(values), worst: Math.max(...values) };
}

function tell(what: string, values: readonly number[]): void {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
  const { median: middle, worst } = summary(values);
  console.log(`${what.padEnd(40)} median ${seconds(middle)}, worst ${seconds(worst)}`);
}

async function measure(name: string, run: (round: number) => Promise<number>): Promise<number[]> {
  const times: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const tookMs = await run(round);
    times.push(tookMs);
    say(`${name}, round ${round}: ${(tookMs / 1000).toFixed(2)} s`);
  }
  return times;
}

say("starting three managers and two workers");
const swarm = await startSwarm({ managers: 3, workers: 2, logLevel: "warn" });
try {
  const service = await swarm.createService("bench", REPLICAS);
  await swarm.running(service, REPLICAS);
  const leader = await measure("leader killed → next write accepted", (round) =>
    leaderKilled(swarm, service, round),
  );
  const stopped = await measure("leader stopped gracefully → next write accepted", () =>
    leaderStopped(swarm, service),
  );
  const worker = await measure("worker killed → all replicas running", () =>
    workerKilled(swarm, service),
  );
  const result = {
    rounds,
    leaderKilledToNextWriteMs: { ...summary(leader), all: leader },
    leaderStoppedToNextWriteMs: { ...summary(stopped), all: stopped },
    workerKilledToAllRunningMs: { ...summary(worker), all: worker },
  };
  if (values.json) console.log(JSON.stringify(result, undefined, 2));
  else {
    console.log("");
    tell("leader killed → next write accepted:", leader);
    tell("leader stopped gracefully → next write:", stopped);
    tell("worker killed → all replicas running:", worker);
  }
} finally {
  await swarm.stop();
}
