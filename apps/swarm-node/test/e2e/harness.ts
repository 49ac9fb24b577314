import { readFileSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import {
  type ApiNode,
  type ApiService,
  type ApiTask,
  createdSchema,
  infoSchema,
  nodeSchema,
  nothing,
  serviceSchema,
  taskSchema,
} from "../../src/cli/api-types.ts";
import { newSpec, type ServiceFlags } from "../../src/cli/commands/service-spec.ts";
import type { EngineClient } from "../../src/cli/engine-client.ts";
import { createLocalNode, formSwarm, type LocalNode } from "../../src/demo/local-swarm.ts";
import { createNetworkLab, type NetworkLab } from "./network-lab.ts";
import { waitUntil } from "./wait-until.ts";

/** A real swarm for one test file: processes, sockets and disks of its own, all gone after `stop`. */
export interface TestSwarm {
  readonly managers: readonly LocalNode[];
  readonly workers: readonly LocalNode[];
  readonly nodes: readonly LocalNode[];
  /** Where the nodes keep their data and logs; removed by `stop`. */
  readonly directory: string;
  /**
   * Starts a further node that is in no swarm yet. It counts to neither role; once it is a manager, `api` and `leader`
   * find it too. Ended by `stop`.
   */
  startNode(name: string): Promise<LocalNode>;
  /** The API of a manager that runs and answers. */
  api(): Promise<EngineClient>;
  leader(): Promise<LocalNode>;
  nodeIdOf(node: LocalNode): Promise<string>;
  createService(name: string, replicas: number, flags?: Partial<ServiceFlags>): Promise<string>;
  updateService(id: string, change: (spec: ApiService["Spec"]) => unknown): Promise<void>;
  service(id: string): Promise<ApiService>;
  listNodes(): Promise<ApiNode[]>;
  /** All tasks of a service, past ones included. */
  tasks(serviceId: string): Promise<ApiTask[]>;
  /** Waits until exactly `replicas` tasks are wanted and run, and returns them by slot. */
  running(serviceId: string, replicas: number, timeoutMs?: number): Promise<ApiTask[]>;
  kill(node: LocalNode): Promise<void>;
  freeze(node: LocalNode): void;
  thaw(node: LocalNode): void;
  /** With `lab` only: pulls, or plugs in again, a node's network cable. */
  cut(node: LocalNode): void;
  heal(node: LocalNode): void;
  stop(): Promise<void>;
}

export interface TestSwarmOptions {
  /** With none nothing is formed: the nodes are those that the test starts. */
  readonly managers: number;
  readonly workers: number;
  /** Give each node a network of its own, so that it can be cut off. */
  readonly lab?: boolean;
  /** Of the nodes' own logs; default `debug`. */
  readonly logLevel?: string;
}

/** A process that sleeps until it is told to end. */
export const SLEEPER = [process.execPath, "-e", "setInterval(() => {}, 1e6)"] as const;

const DEFAULT_TIMEOUT_MS = 20_000;

export async function startSwarm(options: TestSwarmOptions): Promise<TestSwarm> {
  const directory = await mkdtemp(join(tmpdir(), "waggle-e2e-"));
  const lab =
    options.lab === true ? createNetworkLab(options.managers + options.workers) : undefined;
  const swarm = new ProcessSwarm(directory, options, lab);
  try {
    await swarm.start();
  } catch (error) {
    await swarm.stop();
    throw error;
  }
  return swarm;
}

class ProcessSwarm implements TestSwarm {
  readonly managers: readonly LocalNode[];
  readonly workers: readonly LocalNode[];
  readonly directory: string;
  readonly #options: TestSwarmOptions;
  readonly #lab: NetworkLab | undefined;
  readonly #further: LocalNode[] = [];
  readonly #ids = new Map<LocalNode, string>();

  constructor(directory: string, options: TestSwarmOptions, lab: NetworkLab | undefined) {
    this.directory = directory;
    this.#options = options;
    this.#lab = lab;
    let index = 0;
    const make = (role: string, count: number): LocalNode[] =>
      Array.from({ length: count }, (_, number) =>
        createLocalNode({
          name: `${role}-${number + 1}`,
          directory,
          logLevel: options.logLevel ?? "debug",
          ...lab?.host(index++),
        }),
      );
    this.managers = make("manager", options.managers);
    this.workers = make("worker", options.workers);
  }

  get nodes(): readonly LocalNode[] {
    return [...this.managers, ...this.workers];
  }

  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start()));
    if (this.managers.length === 0) return;
    await formSwarm(this.managers, this.workers);
    for (const node of this.nodes) await this.nodeIdOf(node);
  }

  async startNode(name: string): Promise<LocalNode> {
    const { logLevel = "debug" } = this.#options;
    const node = createLocalNode({ name, directory: this.directory, logLevel });
    this.#further.push(node);
    await node.start();
    return node;
  }

  async api(): Promise<EngineClient> {
    return (await this.#answeringManager()).client;
  }

  async leader(): Promise<LocalNode> {
    return waitUntil(
      "a leader",
      async () => {
        const leader = (await this.listNodes()).find((node) => node.ManagerStatus?.Leader === true);
        if (leader === undefined) return undefined;
        for (const node of [...this.managers, ...this.#further]) {
          if (node.pid !== undefined && (await this.nodeIdOf(node)) === leader.ID) return node;
        }
        return undefined;
      },
      { timeoutMs: DEFAULT_TIMEOUT_MS },
    );
  }

  async nodeIdOf(node: LocalNode): Promise<string> {
    const known = this.#ids.get(node);
    if (known !== undefined) return known;
    const { Swarm: swarm } = await node.client.get("/info", infoSchema);
    // A further node may leave and become another one.
    if (!this.#further.includes(node)) this.#ids.set(node, swarm.NodeID);
    return swarm.NodeID;
  }

  async createService(
    name: string,
    replicas: number,
    flags: Partial<ServiceFlags> = {},
  ): Promise<string> {
    const spec = newSpec("process", SLEEPER, {
      name,
      replicas,
      env: [],
      label: [],
      constraint: [],
      ...flags,
    });
    return (await (await this.api()).post("/services/create", spec, createdSchema)).ID;
  }

  async updateService(id: string, change: (spec: ApiService["Spec"]) => unknown): Promise<void> {
    const service = await this.service(id);
    const path = `/services/${id}/update?version=${service.Version.Index}`;
    await (await this.api()).post(path, change(service.Spec), nothing);
  }

  async service(id: string): Promise<ApiService> {
    return (await this.api()).get(`/services/${id}`, serviceSchema);
  }

  async listNodes(): Promise<ApiNode[]> {
    return (await this.api()).get("/nodes", z.array(nodeSchema));
  }

  async tasks(serviceId: string): Promise<ApiTask[]> {
    const all = await (await this.api()).get("/tasks", z.array(taskSchema));
    return all.filter((task) => task.ServiceID === serviceId).sort((a, b) => a.Slot - b.Slot);
  }

  async running(
    serviceId: string,
    replicas: number,
    timeoutMs = DEFAULT_TIMEOUT_MS,
  ): Promise<ApiTask[]> {
    return waitUntil(
      `${replicas} running tasks`,
      async () => {
        const live = (await this.tasks(serviceId)).filter(
          (task) => task.DesiredState === "running",
        );
        const up = live.filter((task) => task.Status.State === "running");
        return live.length === replicas && up.length === replicas ? up : undefined;
      },
      {
        timeoutMs,
        describe: async () =>
          (await this.tasks(serviceId))
            .map(
              (task) =>
                `slot ${task.Slot}: wanted ${task.DesiredState}, is ${task.Status.State} ${task.Status.Err ?? ""}`,
            )
            .join("; "),
      },
    );
  }

  async kill(node: LocalNode): Promise<void> {
    const exited = node.exited();
    node.signal("SIGKILL");
    await exited;
  }

  freeze(node: LocalNode): void {
    node.signal("SIGSTOP");
  }

  thaw(node: LocalNode): void {
    node.signal("SIGCONT");
  }

  cut(node: LocalNode): void {
    this.#theLab().cut(this.nodes.indexOf(node));
  }

  heal(node: LocalNode): void {
    this.#theLab().heal(this.nodes.indexOf(node));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes, ...this.#further].map((node) => node.stop()));
    killLeftTasks(this.directory);
    this.#lab?.remove();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #answeringManager(): Promise<LocalNode> {
    return waitUntil(
      "a manager that answers",
      async () => {
        for (const manager of [...this.managers, ...this.#further]) {
          if (manager.pid === undefined) continue;
          const info = await manager.client.get("/info", infoSchema).catch(() => undefined);
          if (info?.Swarm.ControlAvailable === true) return manager;
        }
        return undefined;
      },
      { timeoutMs: DEFAULT_TIMEOUT_MS },
    );
  }

  #theLab(): NetworkLab {
    if (this.#lab === undefined) throw new Error("start the swarm with lab: true to cut nodes off");
    return this.#lab;
  }
}

/** Ends the task processes of nodes that were killed: those that still work below the swarm's directory. */
function killLeftTasks(directory: string): void {
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const pid = Number(entry);
    if (pid === process.pid || !environmentOf(pid).includes(directory)) continue;
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself in between.
    }
  }
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}
