import { afterEach, beforeEach, expect, test } from "vitest";
import { type Engine, inactive, openEngine } from "../support/engine.ts";
import { BEE, QUEEN } from "../support/swarm.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine();
});

afterEach(() => engine.close());

test("version", async () => {
  const common = { ApiVersion: "1.50", MinAPIVersion: "1.24", Os: "linux", Arch: "amd64" };
  expect((await engine.call("GET", "/v1.50/version")).json).toMatchObject({
    ...common,
    Version: "0.1.0",
    GitCommit: "abcdef",
    BuildTime: "2026-11-22T12:00:00Z",
    KernelVersion: "6.1",
    Components: [
      { Name: "Engine", Version: "0.1.0", Details: { ...common, Experimental: "false" } },
    ],
  });
});

test("info on a manager", async () => {
  expect((await engine.call("GET", "/v1.50/info")).json).toMatchObject({
    ID: QUEEN,
    Name: "queen",
    Containers: 3,
    ContainersRunning: 1,
    ContainersStopped: 2,
    NCPU: 2,
    MemTotal: 2 ** 31,
    ServerVersion: "0.1.0",
    SystemTime: "2026-11-18T11:06:40.000Z",
    Warnings: null,
    Swarm: {
      NodeID: QUEEN,
      NodeAddr: "10.0.0.1",
      LocalNodeState: "active",
      ControlAvailable: true,
      Error: "",
      RemoteManagers: [{ NodeID: QUEEN, Addr: "10.0.0.1:2377" }],
      Raft: {
        Role: "leader",
        Term: 7,
        Voters: 1,
        Learners: 0,
        PreVote: true,
        CheckQuorum: true,
        ElectionTimeoutMs: 500,
        HeartbeatMs: 100,
      },
      Nodes: 2,
      Managers: 1,
      Cluster: { Spec: { Name: "default" }, DataPathPort: 4789 },
    },
  });
});

test("info does not give tokens away", async () => {
  expect((await engine.call("GET", "/info")).text).not.toMatch(/JoinTokens|SWMTKN/);
});

test("info warns of two managers", async () => {
  const bee = engine.swarm.store.view().get("node", BEE)!;
  await engine.swarm.store.update((tx) =>
    tx.update({ ...bee, manager: { raftId: 2, address: "10.0.0.2:2377" } }),
  );
  const warning: unknown = expect.stringMatching(
    /^WARNING: Running Swarm in a two-manager configuration\./,
  );
  expect((await engine.call("GET", "/info")).json).toMatchObject({
    Warnings: [warning],
    Swarm: { Managers: 2, Warnings: [warning] },
  });
});

test("info on a worker and outside of a swarm", async () => {
  engine.hasControl = false;
  engine.status = { ...engine.status, nodeId: BEE, controlAvailable: false };
  const worker = await engine.call("GET", "/info");
  expect(worker.json).toMatchObject({ Swarm: { NodeID: BEE, ControlAvailable: false } });
  expect(worker.text).not.toMatch(/"Cluster"|"Managers"/);
  engine.status = inactive;
  expect((await engine.call("GET", "/info")).json).toMatchObject({
    ID: "",
    Swarm: { NodeID: "", LocalNodeState: "inactive", RemoteManagers: null },
  });
});

test("info without a quorum says what is wrong instead of failing", async () => {
  engine.swarm.control.listNodes = () => Promise.reject(new Error("there is no leader"));
  const answer = await engine.call("GET", "/info");
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({ Swarm: { Error: "there is no leader" } });
});
