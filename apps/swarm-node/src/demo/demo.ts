import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createdSchema } from "../cli/api-types.ts";
import { newSpec } from "../cli/commands/service-spec.ts";
import { messageOf, NodeError } from "../errors.ts";
import { createLocalNode, formSwarm, type LocalNode } from "./local-swarm.ts";
import { readSnapshot, type SwarmSnapshot } from "./snapshot.ts";
import { createScreen, type Screen } from "./screen.ts";

const REFRESH_MS = 500;
const MANAGERS = 3;
const WORKERS = 2;
const REPLICAS = 3;

export interface DemoIo {
  readonly out: (text: string) => void;
  /** Whether `out` is a terminal that a table can be redrawn on. */
  readonly terminal: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * A whole swarm on this machine: three managers and two workers as processes of their own, with a sample service on
 * them, until Ctrl-C. Leaves no process and no file behind.
 */
export async function runDemo(io: DemoIo): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "waggle-"));
  const managers = nodesNamed("manager", MANAGERS, directory);
  const workers = nodesNamed("worker", WORKERS, directory);
  const nodes = [...managers, ...workers];
  try {
    const startedAt = performance.now();
    const step = (text: string): void => {
      io.out(`[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s] ${text}\n`);
    };
    step(`starting ${nodes.length} nodes`);
    await Promise.all(nodes.map((node) => node.start()));
    io.signal.throwIfAborted();
    await formSwarm(managers, workers, (node) =>
      step(`${node.name} is in the swarm (process ${node.pid ?? 0})`),
    );
    io.signal.throwIfAborted();
    await createSampleService(managers);
    step(`service hello created with ${REPLICAS} replicas`);
    await watch(managers, io);
  } catch (error) {
    if (!io.signal.aborted) throw error;
  } finally {
    io.out("\nstopping all nodes and their tasks\n");
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(directory, { recursive: true, force: true });
    io.out("stopped; nothing was left behind\n");
  }
}

function nodesNamed(role: string, count: number, directory: string): LocalNode[] {
  return Array.from({ length: count }, (_, index) =>
    createLocalNode({ name: `${role}-${index + 1}`, directory }),
  );
}

async function createSampleService(managers: readonly LocalNode[]): Promise<void> {
  const server = join(import.meta.dirname, "sample-server.mjs");
  const spec = newSpec("process", [process.execPath, server], {
    name: "hello",
    replicas: REPLICAS,
    env: [],
    label: [],
    constraint: [],
  });
  await managers[0]?.client.post("/services/create", spec, createdSchema);
}

async function watch(managers: readonly LocalNode[], io: DemoIo): Promise<void> {
  const screen = createScreen(io);
  let announced = false;
  while (!io.signal.aborted) {
    const snapshot = await anySnapshot(managers, screen);
    if (snapshot !== undefined) {
      screen.show(snapshot);
      const urls = snapshot.tasks.filter((task) => task.url !== undefined).length;
      if (!announced && urls === REPLICAS) {
        announced = true;
        screen.announce(instructions(managers));
      }
    }
    await sleep(REFRESH_MS, undefined, { signal: io.signal }).catch(() => undefined);
  }
}

/** Asks the managers in turn: the table goes on when one of them is killed. */
async function anySnapshot(
  managers: readonly LocalNode[],
  screen: Screen,
): Promise<SwarmSnapshot | undefined> {
  let last: unknown = new NodeError("unavailable", "no manager runs any more");
  for (const manager of managers) {
    if (manager.pid === undefined) continue;
    try {
      return await readSnapshot(manager.client);
    } catch (error) {
      last = error;
    }
  }
  screen.trouble(messageOf(last));
  return undefined;
}

function instructions(managers: readonly LocalNode[]): string {
  const socket = managers[0]?.socketPath ?? "";
  return [
    "All replicas run. Drive the swarm with the docker command line:",
    "",
    `    docker -H unix://${socket} service ls`,
    `    docker -H unix://${socket} service scale hello=5`,
    "",
    "Ctrl-C stops everything.",
  ].join("\n");
}
