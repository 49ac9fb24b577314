import { randomBytes } from "node:crypto";
import {
  type Clock,
  type ControlApi,
  createControlApi,
  createOrchestrator,
  createPlannerLoop,
  createReaper,
  createScheduler,
  createUpdater,
  initialiseCluster,
  type ManagerView,
} from "@waggle/swarm-manager";
import {
  createLocalProposer,
  createSwarmStore,
  type Node,
  type NodeDescription,
  type SwarmStore,
  type Task,
  taskStateRank,
} from "@waggle/swarm-state";

export const clock: Clock = {
  now: () => Date.now(),
  setTimer: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

/** 25 characters `[0-9a-z]`. */
export function newId(): string {
  const text = BigInt(`0x${randomBytes(16).toString("hex")}`).toString(36);
  return text.padStart(25, "0").slice(-25);
}

/** A valid id that begins with the given name. */
export function idOf(name: string): string {
  return name.padEnd(25, "0");
}

export function description(hostname: string): NodeDescription {
  return {
    hostname,
    platform: { os: "linux", architecture: "x86_64" },
    resources: { nanoCpus: 2e9, memoryBytes: 2 ** 30 },
    engine: { version: "1.0.0", labels: { rack: hostname }, executors: ["process"] },
    address: "127.0.0.1:4000",
  };
}

/** A swarm inside this process: the real store and control API, one manager `queen` and one worker `bee`. */
export interface Swarm {
  readonly store: SwarmStore;
  readonly control: ControlApi;
  readonly managers: Map<string, ManagerView>;
  /** Starts the real planners, and agents that run whatever they are given. */
  readonly run: () => void;
  readonly stop: () => Promise<void>;
}

export const QUEEN: string = idOf("queen");
export const BEE: string = idOf("bee");

export async function createSwarm(now: () => number = () => clock.now()): Promise<Swarm> {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  const managers = new Map<string, ManagerView>([
    [QUEEN, { leader: true, learner: false, reachability: "reachable", address: "10.0.0.1:2377" }],
  ]);
  const control = createControlApi({
    store,
    barrier: () => Promise.resolve(),
    managers: () => managers,
    membership: { canRemoveManager: () => true },
    newId,
  });
  const queen = { id: QUEEN, raftId: 1, address: "10.0.0.1:2377", availability: "active" as const };
  await initialiseCluster(store, { node: queen, newId });
  await addNodes(store);
  let stopRunning = (): Promise<void> => Promise.resolve();
  return {
    store,
    control,
    managers,
    run: () => {
      stopRunning = runPlannersAndAgents(store);
    },
    stop: () => stopRunning(),
  };
}

async function addNodes(store: SwarmStore): Promise<void> {
  await store.update((tx) => {
    tx.update({
      ...tx.get("node", QUEEN)!,
      description: description("queen"),
      status: { state: "ready", message: "", address: "10.0.0.1:4000" },
    });
    tx.create<Node>({
      kind: "node",
      id: BEE,
      spec: { name: "", labels: { zone: "a" }, role: "worker", availability: "active" },
      description: description("bee"),
      status: { state: "ready", message: "", address: "10.0.0.2:4000" },
      manager: undefined,
    });
  });
}

function runPlannersAndAgents(store: SwarmStore): () => Promise<void> {
  const planners = createPlannerLoop({
    store,
    planners: [
      createOrchestrator({ newId }),
      createUpdater({ newId }),
      createScheduler(),
      createReaper(),
    ],
    clock,
  });
  let working = Promise.resolve();
  const unsubscribe = store.subscribe(() => {
    working = working.then(() => obey(store)).catch(() => undefined);
  });
  planners.start();
  return async () => {
    unsubscribe();
    await planners.stop();
    await working;
  };
}

interface Due {
  readonly task: Task;
  readonly state: "running" | "shutdown";
}

/** What agents do: run what is assigned, end what is not wanted any more. */
async function obey(store: SwarmStore): Promise<void> {
  const due = [...store.view().list("task")].flatMap((task): Due[] => {
    if (task.nodeId === "") return [];
    const rank = taskStateRank(task.status.state);
    const wantsEnd = task.desiredState === "shutdown" || task.desiredState === "remove";
    if (wantsEnd && rank < taskStateRank("complete")) return [{ task, state: "shutdown" }];
    if (task.desiredState === "running" && rank < taskStateRank("running")) {
      return [{ task, state: "running" }];
    }
    return [];
  });
  if (due.length === 0) return;
  const nowMs = clock.now();
  await store.update((tx) => {
    for (const { task, state } of due) {
      const present = tx.get("task", task.id);
      if (present === undefined) continue;
      const message = state === "running" ? "started" : "shutdown";
      tx.update({
        ...present,
        status: { ...present.status, state, message, timestampMs: nowMs, appliedAtMs: nowMs },
      });
    }
  });
}
