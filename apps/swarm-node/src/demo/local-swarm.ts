import { type ChildProcess, spawn } from "node:child_process";
import { openSync, closeSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { infoSchema, nodeSchema, nothing, swarmSchema } from "../cli/api-types.ts";
import { createEngineClient, type EngineClient } from "../cli/engine-client.ts";
import { messageOf, NodeError } from "../errors.ts";

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
const LOG_TAIL_BYTES = 4_000;

/** One node of a swarm on this machine: a process of its own with a data directory of its own. */
export interface LocalNode {
  readonly name: string;
  readonly dataDirectory: string;
  readonly socketPath: string;
  readonly logFile: string;
  readonly client: EngineClient;
  /** `undefined` while it does not run. */
  readonly pid: number | undefined;
  /** Starts the process (again) and resolves when its API answers. @throws NodeError with the end of its log. */
  start(): Promise<void>;
  /** Sends a signal; does nothing when the process is gone. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended. */
  exited(): Promise<void>;
  /** SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<void>;
}

export interface LocalNodeOptions {
  readonly name: string;
  readonly directory: string;
  readonly logLevel?: string;
  /** Default `127.0.0.1:0`: a port that the system chooses. */
  readonly listenAddress?: string;
  /** A command to start the process through, e.g. into another network namespace. */
  readonly launcher?: readonly string[];
}

export function createLocalNode(options: LocalNodeOptions): LocalNode {
  return new NodeProcess(options);
}

class NodeProcess implements LocalNode {
  readonly name: string;
  readonly dataDirectory: string;
  readonly socketPath: string;
  readonly logFile: string;
  readonly client: EngineClient;
  readonly #options: LocalNodeOptions;
  #process: ChildProcess | undefined;

  constructor(options: LocalNodeOptions) {
    this.name = options.name;
    this.dataDirectory = join(options.directory, options.name);
    this.socketPath = join(this.dataDirectory, "docker.sock");
    this.logFile = join(options.directory, `${options.name}.log`);
    this.#options = options;
    this.client = createEngineClient(this.socketPath);
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    await mkdir(this.dataDirectory, { recursive: true, mode: 0o700 });
    const log = openSync(this.logFile, "a");
    const [command, ...args] = this.#commandLine();
    const child = spawn(
      command,
      args,
      // A group of its own: Ctrl-C reaches the parent alone, which then stops the nodes in good order.
      { detached: true, stdio: ["pipe", log, log] },
    );
    closeSync(log);
    // What could not be started will not exit either.
    this.#process = child.pid === undefined ? undefined : child;
    child.once("exit", () => {
      if (this.#process === child) this.#process = undefined;
    });
    child.on("error", () => undefined);
    await this.#ready(child);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async exited(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    await new Promise((done) => child.once("exit", done));
  }

  async stop(): Promise<void> {
    this.signal("SIGCONT");
    this.signal("SIGTERM");
    const killer = setTimeout(() => this.signal("SIGKILL"), STOP_TIMEOUT_MS);
    await this.exited();
    clearTimeout(killer);
  }

  #commandLine(): [string, ...string[]] {
    const { launcher = [], listenAddress = "127.0.0.1:0", logLevel = "info" } = this.#options;
    const line = [
      ...launcher,
      process.execPath,
      "--conditions=@waggle/source",
      join(import.meta.dirname, "..", "main.ts"),
      "run",
      `--data-dir=${this.dataDirectory}`,
      `--listen-addr=${listenAddress}`,
      `--hostname=${this.name}`,
      `--log-level=${logLevel}`,
      "--stop-tasks",
      "--exit-with-stdin",
    ];
    return line as [string, ...string[]];
  }

  async #ready(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        throw new NodeError(
          "unavailable",
          `node ${this.name} ended at its start:\n${this.#logTail()}`,
        );
      }
      try {
        await this.client.get("/info", infoSchema);
        return;
      } catch (cause) {
        if (performance.now() > deadline) {
          throw new NodeError(
            "timeout",
            `node ${this.name} did not answer (${messageOf(cause)}):\n${this.#logTail()}`,
            { cause },
          );
        }
      }
      await sleep(POLL_MS);
    }
  }

  #logTail(): string {
    try {
      return readFileSync(this.logFile, "utf8").slice(-LOG_TAIL_BYTES);
    } catch {
      return "(no log)";
    }
  }
}

/** Makes a swarm of started nodes and resolves when all of them are ready. Managers join one after the other. */
export async function formSwarm(
  managers: readonly LocalNode[],
  workers: readonly LocalNode[],
  onJoined: (node: LocalNode) => void = () => undefined,
): Promise<void> {
  const [first, ...otherManagers] = managers;
  if (first === undefined) throw new NodeError("invalid-argument", "a swarm needs a manager");
  await first.client.post("/swarm/init", { ListenAddr: "0.0.0.0:2377", Spec: {} }, z.string());
  onJoined(first);
  const { JoinTokens: tokens } = await first.client.get("/swarm", swarmSchema);
  const { Swarm: swarm } = await first.client.get("/info", infoSchema);
  const remotes = (swarm.RemoteManagers ?? []).map((peer) => peer.Addr);
  const joinWith = async (node: LocalNode, token: string): Promise<void> => {
    const body = { ListenAddr: "0.0.0.0:2377", RemoteAddrs: remotes, JoinToken: token };
    await node.client.post("/swarm/join", body, nothing);
    onJoined(node);
  };
  for (const node of otherManagers) await joinWith(node, tokens.Manager);
  await Promise.all(workers.map((node) => joinWith(node, tokens.Worker)));
  await untilReady(first.client, managers.length + workers.length);
}

async function untilReady(client: EngineClient, count: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const nodes = await client.get("/nodes", z.array(nodeSchema));
    const ready = nodes.filter((node) => node.Status.State === "ready").length;
    if (ready === count) return;
    if (performance.now() > deadline) {
      throw new NodeError("timeout", `only ${ready} of ${count} nodes became ready in time`);
    }
    await sleep(POLL_MS);
  }
}
