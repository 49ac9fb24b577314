import {
  availableParallelism,
  arch,
  hostname,
  platform,
  release,
  totalmem,
  version,
} from "node:os";
import type { SystemInfo, SystemPort } from "@waggle/engine-api";
import type { NodeDescription } from "@waggle/swarm-state";
import { VERSION } from "../version.ts";

const NANO_CPUS_PER_CPU = 1e9;

/** Machine names as Docker and `uname -m` have them. */
const machineNames: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

function machineName(): string {
  return machineNames[arch()] ?? arch();
}

/** What this machine is, for the Engine API. */
export function createSystemPort(
  dataDirectory: string,
  tasks: () => SystemInfo["tasks"],
): SystemPort {
  return {
    info: () => ({
      hostname: hostname(),
      version: VERSION,
      operatingSystem: version(),
      osType: platform(),
      architecture: machineName(),
      kernelVersion: release(),
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      rootDirectory: dataDirectory,
      tasks: tasks(),
      runtimeVersion: `node ${process.version}`,
      buildTime: "",
      gitCommit: "",
    }),
  };
}

/** What this node says of itself to the managers. */
export function describeNode(address: string): NodeDescription {
  return {
    hostname: hostname(),
    platform: { os: platform(), architecture: machineName() },
    resources: {
      nanoCpus: availableParallelism() * NANO_CPUS_PER_CPU,
      memoryBytes: totalmem(),
    },
    engine: { version: VERSION, labels: {}, executors: ["process"] },
    address,
  };
}
