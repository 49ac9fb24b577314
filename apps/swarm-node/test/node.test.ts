import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as path } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import {
  createdSchema,
  infoSchema,
  nothing,
  swarmSchema,
  taskSchema,
} from "../src/cli/api-types.ts";
import { newSpec } from "../src/cli/commands/service-spec.ts";
import { createEngineClient, type EngineClient } from "../src/cli/engine-client.ts";
import { startNode } from "../src/node.ts";
import { createSilentLogger } from "./support/silent-logger.ts";

interface TestNode {
  readonly client: EngineClient;
  stop(options: { readonly stopTasks: boolean }): Promise<void>;
}

const INIT = { ListenAddr: "0.0.0.0:2377", Spec: {} };

type OnFinished = (end: () => Promise<void>) => void;

/** A directory of their own for the nodes of one test; both are gone after it. */
async function setup(onTestFinished: OnFinished) {
  const directory = await mkdtemp(path(tmpdir(), "waggle-node-"));
  const running: TestNode[] = [];
  onTestFinished(async () => {
    await Promise.all(running.map((node) => node.stop({ stopTasks: true })));
    await rm(directory, { recursive: true, force: true });
  });
  const start = async (name: string, listenAddress = "127.0.0.1:0"): Promise<TestNode> => {
    const socketPath = path(directory, name, "docker.sock");
    const node = await startNode({
      hostname: name,
      dataDirectory: path(directory, name),
      socketPath,
      listenAddress,
      logger: createSilentLogger(),
    });
    const client = createEngineClient(socketPath);
    let stopping: Promise<void> | undefined;
    const started: TestNode = {
      client,
      stop: (options) => {
        const stop = async (): Promise<void> => {
          await client.close();
          await node.runUntil(AbortSignal.abort(), options);
        };
        stopping ??= stop();
        return stopping;
      },
    };
    running.push(started);
    return started;
  };
  return { directory, start };
}

// Most of the time is spent waiting for elections.
describe.concurrent("a node in this process", () => {
  const infoOf = async ({ client }: TestNode) => (await client.get("/info", infoSchema)).Swarm;

  /** The only live task, once it runs; its id and process tell whether it is still the same. */
  const runningTask = ({ client }: TestNode) =>
    vi.waitFor(
      async () => {
        const tasks = await client.get("/tasks", z.array(taskSchema));
        const live = tasks.filter((task) => task.DesiredState === "running");
        expect(live.map((task) => task.Status.State)).toEqual(["running"]);
        return { id: live[0]!.ID, pid: live[0]!.Status.ContainerStatus?.PID ?? 0 };
      },
      { timeout: 10_000, interval: 20 },
    );

  const createSleeper = ({ client }: TestNode) =>
    client.post(
      "/services/create",
      newSpec("process", [process.execPath, "-e", "setInterval(() => undefined, 1000)"], {
        name: "sleeper",
        env: [],
        label: [],
        constraint: [],
      }),
      createdSchema,
    );

  it("founds a swarm, runs a service, and finds its task again after a restart", async ({
    onTestFinished,
  }) => {
    const { start } = await setup(onTestFinished);
    const first = await start("one");
    expect(await infoOf(first)).toMatchObject({ LocalNodeState: "inactive" });
    const nodeId = await first.client.post("/swarm/init", INIT, z.string());
    await createSleeper(first);
    const before = await runningTask(first);
    await first.stop({ stopTasks: false });
    // The task outlives the node.
    expect(process.kill(before.pid, 0)).toBe(true);

    const second = await start("one");
    expect(await infoOf(second)).toMatchObject({ LocalNodeState: "active", NodeID: nodeId });
    expect(await runningTask(second)).toEqual(before);
    await second.stop({ stopTasks: true });
    expect(() => process.kill(before.pid, 0)).toThrow();
  });

  it("keeps a manager at the address where the others look for it", async ({ onTestFinished }) => {
    const { start } = await setup(onTestFinished);
    const node = await start("one");
    await node.client.post("/swarm/init", INIT, z.string());
    const { RemoteManagers: managers } = await infoOf(node);
    await node.stop({ stopTasks: true });
    await expect(start("one", "127.0.0.2:2377")).rejects.toMatchObject({
      code: "invalid-argument",
      message: expect.stringContaining("Start it without --listen-addr") as string,
    });
    const again = await start("one");
    expect((await infoOf(again)).RemoteManagers).toEqual(managers);
  });

  it("takes a worker in, and leaves nothing of the swarm on one that leaves", async ({
    onTestFinished,
  }) => {
    const { directory, start } = await setup(onTestFinished);
    const manager = await start("one");
    const worker = await start("two");
    await manager.client.post("/swarm/init", INIT, z.string());
    const { JoinTokens: tokens } = await manager.client.get("/swarm", swarmSchema);
    const { RemoteManagers: managers } = await infoOf(manager);
    const join = (token: string) =>
      worker.client.post(
        "/swarm/join",
        { ...INIT, RemoteAddrs: managers?.map(({ Addr }) => Addr), JoinToken: token },
        nothing,
      );
    await expect(join(`${tokens.Worker.slice(0, -1)}!`)).rejects.toMatchObject({ code: "refused" });
    expect(await infoOf(worker)).toMatchObject({ LocalNodeState: "inactive" });
    await join(tokens.Worker);
    expect(await infoOf(worker)).toMatchObject({
      LocalNodeState: "active",
      ControlAvailable: false,
    });
    const identity = path(directory, "two", "identity.json");
    expect((await stat(identity)).mode & 0o777).toBe(0o600);
    await expect(join(tokens.Worker)).rejects.toMatchObject({ code: "refused", status: 503 });

    await worker.client.post("/swarm/leave", undefined, nothing);
    expect(await infoOf(worker)).toMatchObject({ LocalNodeState: "inactive", NodeID: "" });
    expect(await readdir(path(directory, "two"))).toEqual(["docker.sock"]);
  });

  it("takes a manager in, and goes on alone when it has left by force", async ({
    onTestFinished,
  }) => {
    const { directory, start } = await setup(onTestFinished);
    const first = await start("one");
    const second = await start("two");
    await first.client.post("/swarm/init", INIT, z.string());
    const { JoinTokens: tokens } = await first.client.get("/swarm", swarmSchema);
    const { RemoteManagers: managers } = await infoOf(first);
    await second.client.post(
      "/swarm/join",
      { ...INIT, RemoteAddrs: managers?.map(({ Addr }) => Addr), JoinToken: tokens.Manager },
      nothing,
    );
    expect(await infoOf(second)).toMatchObject({
      LocalNodeState: "active",
      ControlAvailable: true,
      Managers: 2,
    });
    await second.client.post("/swarm/leave?force=1", undefined, nothing);
    expect(await infoOf(second)).toMatchObject({ LocalNodeState: "inactive" });
    expect(await readdir(path(directory, "two"))).toEqual(["docker.sock"]);
    await vi.waitFor(async () => expect((await infoOf(first)).RemoteManagers).toHaveLength(1), {
      timeout: 10_000,
      interval: 20,
    });
    await createSleeper(first);
    await runningTask(first);
  });

  it("is in no swarm, and can found one, after an attempt that failed", async ({
    onTestFinished,
  }) => {
    const { start } = await setup(onTestFinished);
    const node = await start("one");
    await expect(
      node.client.post("/swarm/init", { ...INIT, AdvertiseAddr: "no such:address" }, z.string()),
    ).rejects.toMatchObject({ code: "refused", status: 400 });
    expect(await infoOf(node)).toMatchObject({ LocalNodeState: "inactive" });
    await node.client.post("/swarm/init", INIT, z.string());
    await expect(node.client.post("/swarm/leave", undefined, nothing)).rejects.toMatchObject({
      message: expect.stringContaining("last manager") as string,
    });
    await node.client.post("/swarm/leave?force=1", undefined, nothing);
    await node.client.post("/swarm/init", INIT, z.string());
    expect(await infoOf(node)).toMatchObject({ LocalNodeState: "active", ControlAvailable: true });
  });

  it("does not start where another one runs", async ({ onTestFinished }) => {
    const { start } = await setup(onTestFinished);
    await start("one");
    await expect(start("one")).rejects.toMatchObject({ name: "NodeError", code: "unavailable" });
  });
});
