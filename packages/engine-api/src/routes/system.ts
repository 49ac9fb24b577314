import { API_VERSION, API_VERSION_MIN } from "../http/api-version.ts";
import { type Exchange, json, type Reply } from "../http/exchange.ts";
import { toClusterInfo } from "../mapping/cluster.ts";
import type { EnginePorts, LocalRaftStatus, SystemInfo } from "../ports.ts";
import type { Router } from "./router.ts";

/** Ping, version and info: what every command asks first. */
export function addSystemRoutes(router: Router): void {
  router.on("GET", "/_ping", ping);
  router.on("HEAD", "/_ping", ping);
  router.on("GET", "/version", ({ ports }) => json(toVersion(ports.system.info())));
  router.on("GET", "/info", info);
}

function ping({ response, ports }: Exchange): Reply {
  const { state, controlAvailable } = ports.swarm.status();
  const role = controlAvailable ? "manager" : "worker";
  response.setHeader("Cache-Control", "no-cache, no-store, must-revalidate");
  response.setHeader("Pragma", "no-cache");
  response.setHeader("Builder-Version", "1");
  response.setHeader("Swarm", state === "active" ? `active/${role}` : state);
  return { type: "text", status: 200, text: "OK" };
}

function toVersion(system: SystemInfo): object {
  const common = {
    ApiVersion: API_VERSION,
    MinAPIVersion: API_VERSION_MIN,
    Os: system.osType,
    Arch: system.architecture === "x86_64" ? "amd64" : system.architecture,
    KernelVersion: system.kernelVersion,
    ...(system.gitCommit === "" ? {} : { GitCommit: system.gitCommit }),
    ...(system.buildTime === "" ? {} : { BuildTime: system.buildTime }),
  };
  return {
    Platform: { Name: "Waggle" },
    Components: [
      {
        Name: "Engine",
        Version: system.version,
        Details: { ...common, GoVersion: system.runtimeVersion, Experimental: "false" },
      },
    ],
    Version: system.version,
    ...common,
    GoVersion: system.runtimeVersion,
  };
}

async function info({ ports }: Exchange): Promise<Reply> {
  const system = ports.system.info();
  const swarm = ports.swarm.status();
  const facts = await swarmFacts(ports);
  return json({
    ID: swarm.nodeId,
    ...toEngineInfo(system, ports.now()),
    Swarm: {
      NodeID: swarm.nodeId,
      NodeAddr: swarm.nodeAddress,
      LocalNodeState: swarm.state,
      ControlAvailable: swarm.controlAvailable,
      Error: facts.error ?? swarm.error,
      RemoteManagers:
        swarm.managers.length === 0
          ? null
          : swarm.managers.map(({ nodeId, address }) => ({ NodeID: nodeId, Addr: address })),
      ...(swarm.raft === undefined ? {} : { Raft: toRaftInfo(swarm.raft) }),
      ...facts.counts,
      ...(facts.warnings === null ? {} : { Warnings: facts.warnings }),
    },
    Warnings: facts.warnings,
  });
}

/** Docker's command line passes over it. */
function toRaftInfo(raft: LocalRaftStatus): object {
  return {
    Role: raft.role,
    Term: raft.term,
    Voters: raft.voters,
    Learners: raft.learners,
    PreVote: raft.preVote,
    CheckQuorum: raft.checkQuorum,
    ElectionTimeoutMs: raft.electionTimeoutMs,
    HeartbeatMs: raft.heartbeatMs,
  };
}

interface SwarmFacts {
  readonly counts: object;
  readonly warnings: readonly string[] | null;
  readonly error?: string;
}

const TWO_MANAGERS_WARNING =
  "WARNING: Running Swarm in a two-manager configuration. This configuration provides\n" +
  "         no fault tolerance, and poses a high risk to lose control over the cluster.\n" +
  "         Refer to https://docs.docker.com/engine/swarm/admin_guide/ to configure the\n" +
  "         Swarm for fault-tolerance.";

/** Info answers on a manager without quorum too: with the reason instead of the counts. */
async function swarmFacts(ports: EnginePorts): Promise<SwarmFacts> {
  const api = ports.control();
  if (api === undefined || !ports.swarm.status().controlAvailable)
    return { counts: {}, warnings: null };
  try {
    const [cluster, nodes] = await Promise.all([api.getCluster(), api.listNodes()]);
    const managers = nodes.filter((view) => view.manager !== undefined).length;
    return {
      counts: { Nodes: nodes.length, Managers: managers, Cluster: toClusterInfo(cluster) },
      warnings: managers === 2 ? [TWO_MANAGERS_WARNING] : null,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { counts: {}, warnings: null, error: message };
  }
}

function toEngineInfo(system: SystemInfo, nowMs: number): object {
  const { running, stopped } = system.tasks;
  return {
    Containers: running + stopped,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: stopped,
    Images: 0,
    Driver: "process",
    DriverStatus: [],
    LoggingDriver: "json-file",
    CgroupDriver: "none",
    Plugins: { Volume: [], Network: [], Authorization: null, Log: ["json-file"] },
    KernelVersion: system.kernelVersion,
    OperatingSystem: system.operatingSystem,
    OSType: system.osType,
    Architecture: system.architecture,
    NCPU: system.cpus,
    MemTotal: system.memoryBytes,
    Name: system.hostname,
    DockerRootDir: system.rootDirectory,
    Debug: false,
    Labels: [],
    ExperimentalBuild: false,
    ServerVersion: system.version,
    RegistryConfig: { InsecureRegistryCIDRs: [], IndexConfigs: {}, Mirrors: [] },
    IndexServerAddress: "",
    LiveRestoreEnabled: true,
    SecurityOptions: [],
    Runtimes: { process: { path: "process" } },
    DefaultRuntime: "process",
    SystemTime: new Date(nowMs).toISOString(),
    CgroupVersion: "",
    OSVersion: "",
    CDISpecDirs: [],
    InitBinary: "",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    HttpProxy: "",
    HttpsProxy: "",
    NoProxy: "",
    NFd: 0,
    NGoroutines: 0,
    NEventsListener: 0,
  };
}
