import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  infoSchema,
  nodeSchema,
  nothing,
  serviceSchema,
  swarmSchema,
} from "../../src/cli/api-types.ts";
import type { LocalNode } from "../../src/demo/local-swarm.ts";
import { startSwarm, type TestSwarm } from "./harness.ts";
import { waitUntil } from "./wait-until.ts";

let swarm: TestSwarm;
let service: string;

beforeAll(async () => {
  swarm = await startSwarm({ managers: 3, workers: 0 });
  service = await swarm.createService("idle", 0);
});

afterAll(() => swarm.stop());

function logOf(node: LocalNode): string {
  return readFileSync(node.logFile, "utf8");
}

async function raftOf(manager: LocalNode) {
  return (await manager.client.get("/info", infoSchema)).Swarm.Raft;
}

/** By its part in Raft: `ControlAvailable` is also false for the moment in which nobody leads. */
async function isManager(node: LocalNode): Promise<boolean> {
  return node.pid !== undefined && (await raftOf(node)) !== undefined;
}

async function untilVoters(manager: LocalNode, count: number): Promise<void> {
  await waitUntil(
    `${count} voters and no learner`,
    async () => {
      const raft = await raftOf(manager);
      return raft?.Voters === count && raft.Learners === 0 ? true : undefined;
    },
    { timeoutMs: 20_000, describe: async () => JSON.stringify(await raftOf(manager)) },
  );
}

/** One write, as a user makes it: no error is forgiven, and nothing is tried again. */
async function write(manager: LocalNode, mark: string): Promise<void> {
  const path = `/services/${service}`;
  const { Version: version, Spec: spec } = await manager.client.get(path, serviceSchema);
  const body = { ...spec, Labels: { mark } };
  await manager.client.post(`${path}/update?version=${version.Index}`, body, nothing);
}

/** Writes through another manager, one after the other, while the leader goes in the given way, and a few more. */
async function writeWhile(going: (leader: LocalNode) => Promise<unknown>): Promise<LocalNode> {
  const leader = await swarm.leader();
  const others: LocalNode[] = [];
  for (const manager of swarm.managers) {
    if (manager !== leader && (await isManager(manager))) others.push(manager);
  }
  const { Term: term } = (await raftOf(leader))!;
  const logsBefore = new Map(swarm.managers.map((manager) => [manager, logOf(manager).length]));
  let isGone = false;
  const gone = going(leader).finally(() => (isGone = true));
  // A failure shows below; until then it must not count as unhandled.
  gone.catch(() => undefined);
  const stillGoing = (): boolean => !isGone;
  for (let count = 0; stillGoing() || count < 5; count += 1) await write(others[0]!, `${count}`);
  await gone;
  expect((await raftOf(others[0]!))!.Term).toBe(term + 1);
  // Who campaigns because time has passed asks for pre-votes first.
  const next = await swarm.leader();
  const log = logOf(next).slice(logsBefore.get(next));
  expect(log).toContain('"role":"candidate"');
  expect(log).not.toContain("pre-candidate");
  return leader;
}

test("a leader that is told to stop hands over first: no write fails, nobody waits for an election", async () => {
  const stopped = await writeWhile(async (leader) => {
    const exited = leader.exited();
    leader.signal("SIGTERM");
    await exited;
  });
  expect(logOf(stopped)).toContain("leadership was handed over");
  await stopped.start();
  await untilVoters(stopped, 3);
});

test("so does a leader that is demoted", async () => {
  const demoted = await writeWhile(async (leader) => {
    const id = await swarm.nodeIdOf(leader);
    // Refused as long as the manager that was started again has not been heard.
    await waitUntil(
      "the demotion to be accepted",
      async () => {
        const node = await leader.client.get(`/nodes/${id}`, nodeSchema);
        const path = `/nodes/${id}/update?version=${node.Version.Index}`;
        await leader.client.post(path, { ...node.Spec, Role: "worker" }, nothing);
        return true;
      },
      { timeoutMs: 10_000 },
    );
    await waitUntil(
      "the leader to be a worker",
      async () => ((await isManager(leader)) ? undefined : true),
      { timeoutMs: 20_000 },
    );
  });
  expect(await isManager(demoted)).toBe(false);
  await untilVoters(await swarm.leader(), 2);
});

test("so does a leader that leaves", async () => {
  await writeWhile((leader) => leader.client.post("/swarm/leave?force=1", undefined, nothing));
  await untilVoters(await swarm.leader(), 1);
});

test("two managers join at the same time, each as a learner first", async () => {
  const leader = await swarm.leader();
  const { JoinTokens: tokens } = await leader.client.get("/swarm", swarmSchema);
  const { Swarm: info } = await leader.client.get("/info", infoSchema);
  const body = {
    RemoteAddrs: info.RemoteManagers!.map((peer) => peer.Addr),
    JoinToken: tokens.Manager,
  };
  const joiners = await Promise.all(["fourth", "fifth"].map((name) => swarm.startNode(name)));
  await Promise.all(joiners.map((node) => node.client.post("/swarm/join", body, nothing)));
  await untilVoters(leader, 3);
  const managers = (await swarm.listNodes()).filter((node) => node.ManagerStatus !== undefined);
  expect(managers.map((node) => node.ManagerStatus?.Learner)).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  // Whoever leads now led since the last of the others was gone.
  expect(logOf(leader).match(/a new manager gets the log/g)?.length).toBeGreaterThanOrEqual(
    joiners.length,
  );
});
