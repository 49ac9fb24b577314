import { mkdtemp, rm } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Task } from "@waggle/swarm-state";
import {
  createEngineApi,
  type EngineApi,
  type EnginePorts,
  type LocalSwarmStatus,
  type LogLine,
  type LogOptions,
  type SwarmInitRequest,
  type SwarmJoinRequest,
} from "../../src/index.ts";
import { createSwarm, QUEEN, type Swarm } from "./swarm.ts";

/** An error with a code, as ports throw. */
export class PortError extends Error {
  override readonly name = "PortError";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type ReadLogs = (task: Task, options: LogOptions) => AsyncIterable<LogLine>;

/** An Engine API on a socket, on a swarm in memory; everything that tests turn is here. */
export interface Engine {
  readonly swarm: Swarm;
  readonly api: EngineApi;
  readonly ports: EnginePorts;
  readonly socketPath: string;
  status: LocalSwarmStatus;
  hasControl: boolean;
  readLogs: ReadLogs;
  /** What the swarm port throws next. */
  failure: PortError | undefined;
  readonly asked: (
    | { readonly init: SwarmInitRequest }
    | { readonly join: SwarmJoinRequest }
    | { readonly leave: { readonly force: boolean } }
  )[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** An object is sent as JSON, a text as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, parsed when it is asked for. */
  readonly json: unknown;
}

const active: LocalSwarmStatus = {
  state: "active",
  nodeId: QUEEN,
  nodeAddress: "10.0.0.1",
  controlAvailable: true,
  error: "",
  raft: {
    role: "leader",
    term: 7,
    voters: 1,
    learners: 0,
    preVote: true,
    checkQuorum: true,
    electionTimeoutMs: 500,
    heartbeatMs: 100,
  },
  managers: [{ nodeId: QUEEN, address: "10.0.0.1:2377" }],
};

export const inactive: LocalSwarmStatus = {
  state: "inactive",
  nodeId: "",
  nodeAddress: "",
  controlAvailable: false,
  error: "",
  managers: [],
};

export async function openEngine(options: { readonly now?: () => number } = {}): Promise<Engine> {
  const directory = await mkdtemp(join(tmpdir(), "engine-"));
  const socketPath = join(directory, "docker.sock");
  const swarm = await createSwarm(options.now);
  const ports = portsOf(() => engine, swarm);
  const api = createEngineApi(ports);
  const engine: Engine = {
    swarm,
    api,
    ports,
    socketPath,
    status: active,
    hasControl: true,
    readLogs: () => linesOf([]),
    failure: undefined,
    asked: [],
    call: (method, path, callOptions) => call(socketPath, { method, path, ...callOptions }),
    close: async () => {
      await api.close();
      await swarm.stop();
      await rm(directory, { recursive: true });
    },
  };
  await api.listen(socketPath);
  return engine;
}

function portsOf(engine: () => Engine, swarm: Swarm): EnginePorts {
  const record = (asked: Engine["asked"][number]): Promise<void> => {
    const { failure } = engine();
    if (failure !== undefined) return Promise.reject(failure);
    engine().asked.push(asked);
    return Promise.resolve();
  };
  return {
    control: () =>
      engine().hasControl && engine().status.state !== "inactive" ? swarm.control : undefined,
    swarm: {
      status: () => engine().status,
      init: (init) => record({ init }).then(() => QUEEN),
      join: (join) => record({ join }),
      leave: (leave) => record({ leave }),
      joinTokens: () => Promise.resolve({ worker: "SWMTKN-1-a-w", manager: "SWMTKN-1-a-m" }),
    },
    logs: { taskLogs: (task, logOptions) => engine().readLogs(task, logOptions) },
    system: {
      info: () => ({
        hostname: "queen",
        version: "0.1.0",
        operatingSystem: "Linux",
        osType: "linux",
        architecture: "x86_64",
        kernelVersion: "6.1",
        cpus: 2,
        memoryBytes: 2 ** 31,
        rootDirectory: "/var/lib/waggle",
        tasks: { running: 1, stopped: 2 },
        runtimeVersion: "node26",
        buildTime: "2026-11-22T12:00:00Z",
        gitCommit: "abcdef",
      }),
    },
    now: () => 1_795_000_000_000,
  };
}

/** One request over the socket, on a connection of its own. */
export function call(
  socketPath: string,
  { method, path, body, headers }: CallOptions & { readonly method: string; readonly path: string },
): Promise<Answer> {
  const payload = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
  const type = payload === undefined ? {} : { "Content-Type": "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, method, path, agent: false, headers: { ...type, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            get json(): unknown {
              return JSON.parse(text) as unknown;
            },
          });
        });
      },
    );
    sent.on("error", reject);
    sent.end(payload);
  });
}

/** `filters=` for a query. */
export function filters(value: unknown): string {
  return `filters=${encodeURIComponent(JSON.stringify(value))}`;
}

/** A task's output that ends. */
export async function* linesOf(lines: readonly LogLine[]): AsyncGenerator<LogLine> {
  for (const each of lines) yield await Promise.resolve(each);
}

export function line(text: string, stream: LogLine["stream"] = "stdout"): LogLine {
  return { stream, timestampMs: 1_795_000_000_304, text: Buffer.from(text) };
}
