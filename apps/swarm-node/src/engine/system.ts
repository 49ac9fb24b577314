import { readFileSync } from "node:fs";
import { arch, availableParallelism, platform, release, totalmem, type } from "node:os";
import type { SystemInfo, SystemPort } from "@waggle/engine-api";
import type { NodeDescription } from "@waggle/swarm-state";
import { VERSION } from "../version.ts";

const NANO_CPUS_PER_CPU = 1e9;

/** Machine names as Docker and `uname -m` have them. */
const machineNames: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

function machineName(): string {
  return machineNames[arch()] ?? arch();
}

/** The distribution's name where it says so, else the kind of system. */
function operatingSystemName(): string {
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    return /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(text)?.[1] ?? type();
  } catch {
    return type();
  }
}

export interface SystemPortOptions {
  readonly hostname: string;
  readonly dataDirectory: string;
  readonly tasks: () => SystemInfo["tasks"];
}

/** What this machine is, for the Engine API. */
export function createSystemPort(options: SystemPortOptions): SystemPort {
  const operatingSystem = operatingSystemName();
  return {
    info: () => ({
      hostname: options.hostname,
      version: VERSION,
      operatingSystem,
      osType: platform(),
      architecture: machineName(),
      kernelVersion: release(),
      cpus: availableParallelism(),
      memoryBytes: totalmem(),
      rootDirectory: options.dataDirectory,
      tasks: options.tasks(),
      runtimeVersion: `node ${process.version}`,
      buildTime: "",
      gitCommit: "",
    }),
  };
}

/** What this node says of itself to the managers. */
export function describeNode(hostname: string, address: string): NodeDescription {
  return {
    hostname,
    platform: { os: platform(), architecture: machineName() },
    resources: {
      nanoCpus: availableParallelism() * NANO_CPUS_PER_CPU,
      memoryBytes: totalmem(),
    },
    engine: { version: VERSION, labels: {}, executors: ["process"] },
    address,
  };
}
