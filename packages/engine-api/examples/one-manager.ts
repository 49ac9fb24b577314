// A swarm inside this process, served as a Docker Engine: what is created over the API is listed over the API.
// With an argument (a path for the socket) it goes on serving, for `docker -H unix://PATH service ls`.
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { hostname, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { createEngineApi, type EnginePorts } from "@waggle/engine-api";
import { type ControlApi, createControlApi, initialiseCluster } from "@waggle/swarm-manager";
import { createLocalProposer, createSwarmStore } from "@waggle/swarm-state";

const address = "127.0.0.1:2377";

function newId(): string {
  const text = BigInt(`0x${randomBytes(16).toString("hex")}`).toString(36);
  return text.padStart(25, "0").slice(-25);
}

async function foundSwarm(nodeId: string): Promise<ControlApi> {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => Date.now() });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  const node = { id: nodeId, raftId: 1, address, availability: "active" as const };
  await initialiseCluster(store, { node, newId });
  return createControlApi({
    store,
    barrier: () => Promise.resolve(),
    managers: () =>
      new Map([[nodeId, { leader: true, learner: false, reachability: "reachable", address }]]),
    membership: { canRemoveManager: () => false },
    newId,
  });
}

/** What a node offers. This one is in its swarm for good, and runs nothing that could write a log. */
function portsOf(nodeId: string, control: ControlApi): EnginePorts {
  const refuse = (): Promise<never> => Promise.reject(new Error("this node stays where it is"));
  return {
    control: () => control,
    swarm: {
      status: () => ({
        state: "active",
        nodeId,
        nodeAddress: "127.0.0.1",
        controlAvailable: true,
        error: "",
        managers: [{ nodeId, address }],
      }),
      init: refuse,
      join: refuse,
      leave: refuse,
      joinTokens: () => Promise.resolve({ worker: "none", manager: "none" }),
    },
    logs: {
      taskLogs: () => {
        throw new Error("nothing runs here");
      },
    },
    system: {
      info: () => ({
        hostname: hostname(),
        version: "1.0.0",
        operatingSystem: "Linux",
        osType: "linux",
        architecture: "x86_64",
        kernelVersion: "",
        cpus: 1,
        memoryBytes: totalmem(),
        rootDirectory: "",
        tasks: { running: 0, stopped: 0 },
        runtimeVersion: process.version,
        buildTime: "",
        gitCommit: "",
      }),
    },
    now: () => Date.now(),
  };
}

function call(
  socketPath: string,
  [method, path]: readonly [string, string],
  body?: object,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json" };
    const sent = request({ socketPath, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text)));
    });
    sent.on("error", reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const nodeId = newId();
const api = createEngineApi(portsOf(nodeId, await foundSwarm(nodeId)));
const [, , chosenPath] = process.argv;
if (chosenPath === undefined) {
  const directory = await mkdtemp(join(tmpdir(), "engine-"));
  const socketPath = join(directory, "docker.sock");
  await api.listen(socketPath);
  await call(socketPath, ["POST", "/v1.50/services/create"], {
    Name: "hum",
    TaskTemplate: { ContainerSpec: { Image: "process", Command: ["sleep", "infinity"] } },
    Mode: { Replicated: { Replicas: 3 } },
  });
  const services = (await call(socketPath, ["GET", "/v1.50/services?status=true"])) as {
    readonly Spec: { readonly Name: string };
    readonly ServiceStatus: { readonly RunningTasks: number; readonly DesiredTasks: number };
  }[];
  for (const { Spec: spec, ServiceStatus: status } of services) {
    console.log(`${spec.Name}: ${status.RunningTasks}/${status.DesiredTasks}`);
  }
  await api.close();
  await rm(directory, { recursive: true });
} else {
  await api.listen(chosenPath);
  console.log(`docker -H unix://${chosenPath} node ls`);
}
