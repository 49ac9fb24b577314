import { afterEach, beforeEach, expect, test } from "vitest";
import type { Cluster } from "@waggle/swarm-state";
import { type Engine, inactive, openEngine, PortError } from "../support/engine.ts";
import { QUEEN } from "../support/swarm.ts";

let engine: Engine;

beforeEach(async () => {
  engine = await openEngine();
});

afterEach(() => engine.close());

function cluster(): Cluster {
  return [...engine.swarm.store.view().list("cluster")][0]!;
}

/** What `docker swarm init` posts. */
const initRequest = {
  ListenAddr: "0.0.0.0:2377",
  AdvertiseAddr: "10.99.4.1",
  DataPathAddr: "",
  DataPathPort: 0,
  ForceNewCluster: false,
  Spec: {
    Labels: null,
    Orchestration: {},
    Raft: { ElectionTick: 0, HeartbeatTick: 0 },
    Dispatcher: {},
    CAConfig: {},
    TaskDefaults: {},
    EncryptionConfig: { AutoLockManagers: false },
  },
  AutoLockManagers: false,
  Availability: "",
  DefaultAddrPool: null,
  SubnetSize: 24,
};

test("init answers the node's id as a JSON text", async () => {
  const answer = await engine.call("POST", "/v1.50/swarm/init", { body: initRequest });
  expect(answer).toMatchObject({ status: 200, json: QUEEN });
  expect(engine.asked).toEqual([
    {
      init: {
        listenAddress: "0.0.0.0:2377",
        advertiseAddress: "10.99.4.1",
        availability: "active",
        forceNewCluster: false,
      },
    },
  ]);
});

test.each([
  [{ AutoLockManagers: true }, 501, /AutoLockManagers is not supported/],
  [{ DefaultAddrPool: ["10.200.0.0/16"] }, 501, /DefaultAddrPool is not supported/],
  [{ SubnetSize: 26 }, 501, /SubnetSize is not supported/],
  [{ DataPathPort: 4000 }, 501, /DataPathPort is not supported/],
  [{ DataPathAddr: "eth1" }, 501, /DataPathAddr is not supported/],
  [{ Spec: { Orchestration: { TaskHistoryRetentionLimit: 4 } } }, 501, /docker swarm update/],
  [{ Spec: { CAConfig: { NodeCertExpiry: 3.6e12 } } }, 501, /CAConfig.NodeCertExpiry/],
  [{ Spec: { Name: "x" } }, 400, /^swarm spec must be named "default"$/],
  [{ Availability: "x" }, 400, /invalid Availability: "x"/],
])("init with %j is refused", async (change, status, message) => {
  const answer = await engine.call("POST", "/swarm/init", { body: { ...initRequest, ...change } });
  expect(answer.status).toBe(status);
  expect((answer.json as { readonly message: string }).message).toMatch(message);
  expect(engine.asked).toEqual([]);
});

test("join, and what keeps a node from joining", async () => {
  const body = {
    ListenAddr: "0.0.0.0:2377",
    AdvertiseAddr: "",
    DataPathAddr: "",
    RemoteAddrs: ["10.99.4.1:2377"],
    JoinToken: "SWMTKN-1-a-b",
    Availability: "drain",
  };
  const join = (change: object) =>
    engine.call("POST", "/v1.50/swarm/join", { body: { ...body, ...change } });
  expect(await join({})).toMatchObject({ status: 200, text: "" });
  expect(engine.asked).toEqual([
    {
      join: {
        listenAddress: "0.0.0.0:2377",
        advertiseAddress: "",
        remoteAddresses: ["10.99.4.1:2377"],
        joinToken: "SWMTKN-1-a-b",
        availability: "drain",
      },
    },
  ]);
  expect(await join({ RemoteAddrs: null })).toMatchObject({
    status: 400,
    json: { message: "at least 1 RemoteAddr is required to join" },
  });
  const failures = [
    ["bad-token", 500],
    ["timeout", 503],
    ["already-member", 503],
    ["invalid-argument", 400],
    ["something else", 500],
  ] as const;
  for (const [code, status] of failures) {
    engine.failure = new PortError(code, "why not");
    expect(await join({})).toMatchObject({ status, json: { message: "why not" } });
  }
});

test("leave", async () => {
  expect(await engine.call("POST", "/v1.50/swarm/leave")).toMatchObject({ status: 200, text: "" });
  await engine.call("POST", "/swarm/leave?force=1");
  expect(engine.asked).toEqual([{ leave: { force: false } }, { leave: { force: true } }]);
  engine.failure = new PortError("not-member", "This node is not part of a swarm");
  expect(await engine.call("POST", "/swarm/leave")).toMatchObject({
    status: 503,
    json: { message: "This node is not part of a swarm" },
  });
});

const defaultSpec = {
  Name: "default",
  Labels: {},
  Orchestration: { TaskHistoryRetentionLimit: 5 },
  Raft: {
    SnapshotInterval: 10_000,
    KeepOldSnapshots: 0,
    LogEntriesForSlowFollowers: 500,
    ElectionTick: 10,
    HeartbeatTick: 1,
  },
  Dispatcher: { HeartbeatPeriod: 5_000_000_000 },
  CAConfig: { NodeCertExpiry: 7_776_000_000_000_000 },
  TaskDefaults: {},
  EncryptionConfig: { AutoLockManagers: false },
};

test("the swarm, with its tokens", async () => {
  const { id, version } = cluster();
  const answer = await engine.call("GET", "/v1.50/swarm");
  expect(answer.json).toMatchObject({
    ID: id,
    Version: { Index: version },
    Spec: defaultSpec,
    TLSInfo: {},
    RootRotationInProgress: false,
    DefaultAddrPool: ["10.0.0.0/8"],
    SubnetSize: 24,
    DataPathPort: 4789,
    JoinTokens: { Worker: "SWMTKN-1-a-w", Manager: "SWMTKN-1-a-m" },
  });
});

async function update(change: object, query = ""): Promise<[number, string]> {
  const path = `/v1.50/swarm/update?version=${cluster().version}&rotateManagerUnlockKey=false${query}`;
  const answer = await engine.call("POST", path, { body: { ...defaultSpec, ...change } });
  return [
    answer.status,
    answer.text === "" ? "" : (answer.json as { readonly message: string }).message,
  ];
}

test("its settings can be changed, and sent back as they were read", async () => {
  expect(await update({})).toEqual([200, ""]);
  expect(await update({ Orchestration: { TaskHistoryRetentionLimit: -1 } })).toEqual([200, ""]);
  expect(cluster().spec.taskHistoryLimit).toBe(-1);
  expect(await update({ Raft: { SnapshotInterval: 7 }, Labels: { a: "b" } })).toEqual([200, ""]);
  expect(cluster().spec).toMatchObject({
    labels: { a: "b" },
    raftSnapshotIntervalEntries: 7,
    raftTrailingEntries: 500,
  });
});

test("tokens are rotated one by one", async () => {
  const before = cluster().joinSecrets;
  await update({}, "&rotateWorkerToken=true&rotateManagerToken=false");
  expect(cluster().joinSecrets.worker).not.toBe(before.worker);
  expect(cluster().joinSecrets.manager).toBe(before.manager);
});

test("settings that are not carried out are refused", async () => {
  const { version } = cluster();
  const refused: readonly [object, string][] = [
    [{ EncryptionConfig: { AutoLockManagers: true } }, "EncryptionConfig: AutoLockManagers"],
    [{ Dispatcher: { HeartbeatPeriod: 1e9 } }, "Dispatcher.HeartbeatPeriod"],
    [{ CAConfig: { NodeCertExpiry: 3.6e12 } }, "CAConfig.NodeCertExpiry"],
    [{ CAConfig: { ForceRotate: 1 } }, "CAConfig: ForceRotate"],
    [{ CAConfig: { ExternalCAs: [{ Protocol: "cfssl" }] } }, "CAConfig: ExternalCAs"],
    [{ Raft: { KeepOldSnapshots: 2 } }, "Raft: KeepOldSnapshots"],
    [{ Raft: { ElectionTick: 3 } }, "Raft.ElectionTick"],
    [{ TaskDefaults: { LogDriver: { Name: "x" } } }, "TaskDefaults: LogDriver"],
  ];
  for (const [change, text] of refused) {
    const [status, message] = await update(change);
    expect(status).toBe(501);
    expect(message).toContain(text);
  }
  expect(cluster().version).toBe(version);
});

test("words and versions in the query", async () => {
  expect((await update({}, "&rotateWorkerToken=zz"))[1]).toMatch(
    /^invalid value for rotateWorkerToken: zz/,
  );
  expect(await update({ Name: "x" })).toEqual([400, 'swarm spec must be named "default"']);
  const stale = await engine.call("POST", "/swarm/update?version=999", { body: defaultSpec });
  expect(stale).toMatchObject({
    status: 500,
    json: { message: "rpc error: code = Unknown desc = update out of sequence" },
  });
  const bad = await engine.call("POST", "/swarm/update?version=abc", { body: defaultSpec });
  expect(bad).toMatchObject({
    status: 400,
    json: {
      message: `invalid swarm version 'abc': strconv.ParseUint: parsing "abc": invalid syntax`,
    },
  });
  const unlocking = "/swarm/update?version=1&rotateManagerUnlockKey=true";
  expect((await engine.call("POST", unlocking, { body: defaultSpec })).status).toBe(501);
});

test("there is no lock and no key", async () => {
  expect((await engine.call("GET", "/v1.50/swarm/unlockkey")).json).toEqual({ UnlockKey: "" });
  expect(await engine.call("POST", "/swarm/unlock", { body: { UnlockKey: "x" } })).toMatchObject({
    status: 409,
    json: { message: "swarm is not locked" },
  });
  engine.status = inactive;
  expect((await engine.call("GET", "/swarm/unlockkey")).status).toBe(503);
  expect((await engine.call("GET", "/swarm")).status).toBe(503);
});
