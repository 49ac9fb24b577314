// A manager without a network: a service is asked for, planned, handed to an agent, and reported as running.
import {
  createLocalProposer,
  createSwarmStore,
  decodeDispatcherMessage,
  DEFAULT_RESTART_POLICY,
  DEFAULT_STOP_GRACE_PERIOD_MS,
  DEFAULT_STOP_SIGNAL,
  encodeAgentMessage,
  NO_RESOURCES,
} from "@waggle/swarm-state";
import type { AgentMessage, DispatcherMessage, ServiceSpec, SwarmStore } from "@waggle/swarm-state";
import {
  addNode,
  createControlApi,
  createDispatcher,
  createLeaderDesk,
  createNodeMonitor,
  createOrchestrator,
  createPlannerLoop,
  createScheduler,
  initialiseCluster,
} from "@waggle/swarm-manager";
import type { Clock, ControlApi, SessionChannel } from "@waggle/swarm-manager";

const clock: Clock = {
  now: () => Date.now(),
  setTimer: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

const hum: ServiceSpec = {
  name: "hum",
  labels: {},
  task: {
    container: {
      image: "process",
      labels: {},
      command: ["sleep", "infinity"],
      args: [],
      hostname: "",
      env: [],
      dir: "",
      user: "",
      stopSignal: DEFAULT_STOP_SIGNAL,
      stopGracePeriodMs: DEFAULT_STOP_GRACE_PERIOD_MS,
      tty: false,
      init: undefined,
      readOnly: false,
    },
    limits: NO_RESOURCES,
    reservations: NO_RESOURCES,
    restart: DEFAULT_RESTART_POLICY,
    placement: { constraints: [], spread: [], maxReplicasPerNode: 0, platforms: [] },
    logDriver: undefined,
    forceUpdate: 0,
  },
  mode: { type: "replicated", replicas: 3 },
  update: undefined,
  rollback: undefined,
  endpoint: undefined,
};

let serial = 0;
/** For the example only: real ids, and join secrets, come from a random generator. */
const newId = (): string => String(++serial).padStart(25, "0");

function openStore(): SwarmStore {
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => clock.now() });
  proposer.bind((index, data) => store.apply(index, data));
  store.startLeading();
  return store;
}

function openControlApi(store: SwarmStore): ControlApi {
  return createControlApi({
    store,
    barrier: () => Promise.resolve(),
    managers: () => new Map(),
    membership: { canRemoveManager: () => true },
    newId,
  });
}

/** Starts everything that a leader runs, and a dispatcher; returns how to hand it agents, and how to stop it. */
function lead(store: SwarmStore, managerId: string) {
  const monitor = createNodeMonitor({
    store,
    clock,
    gossip: {
      stateOf: () => "alive",
      subscribe: () => () => undefined,
      probeNow: () => undefined,
    },
  });
  const planners = createPlannerLoop({
    store,
    planners: [createOrchestrator({ newId }), createScheduler()],
    clock,
  });
  const dispatcher = createDispatcher({
    managerId,
    store,
    barrier: () => Promise.resolve(),
    leader: createLeaderDesk({ store, sessions: monitor, now: () => clock.now() }),
    managers: () => [],
    newId,
    clock,
  });
  monitor.start();
  planners.start();
  const stop = async (): Promise<void> => {
    await dispatcher.stop();
    monitor.stop();
    await planners.stop();
  };
  return { dispatcher, stop };
}

/** Both ends of a session in one process. `onMessage` is the agent's ear, `say` its mouth. */
function createChannel(onMessage: (message: DispatcherMessage) => void) {
  const frames: Uint8Array[] = [];
  const closed = Promise.withResolvers<undefined>();
  let open = true;
  let wake = (): void => undefined;
  const end = (): void => {
    open = false;
    closed.resolve(undefined);
    wake();
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    while (open || frames.length > 0) {
      const frame = frames.shift();
      if (frame !== undefined) yield frame;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const channel: SessionChannel = {
    remote: { host: "127.0.0.1", port: 1 },
    closed: closed.promise,
    frames: read(),
    send: (frame) => {
      onMessage(decodeDispatcherMessage(frame));
      return Promise.resolve();
    },
    close: () => {
      end();
      return Promise.resolve();
    },
    destroy: end,
  };
  const say = (message: AgentMessage): void => {
    frames.push(encodeAgentMessage(message));
    wake();
  };
  return { channel, say };
}

/** An agent that claims to run whatever it is given. */
function joinAgent(nodeId: string, accept: (channel: SessionChannel) => void): void {
  let sequence = 0;
  const { channel, say } = createChannel((message) => {
    if (message.type !== "assignments") return;
    const statuses = message.tasks.map((task) => ({
      taskId: task.id,
      status: { ...task.status, state: "running" as const, timestampMs: clock.now() },
    }));
    if (statuses.length > 0) say({ type: "status", sequence: ++sequence, statuses });
  });
  accept(channel);
  say({
    type: "hello",
    nodeId,
    description: {
      hostname: "bee",
      platform: { os: "linux", architecture: "x86_64" },
      resources: { nanoCpus: 1e9, memoryBytes: 2 ** 30 },
      engine: { version: "1", labels: {}, executors: ["process"] },
      address: "127.0.0.1:1",
    },
  });
}

/** Resolves when `isTrue` holds after a change of the state. */
function until(store: SwarmStore, isTrue: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe(() => {
      if (!isTrue()) return;
      unsubscribe();
      resolve();
    });
  });
}

/** Runs the example; `log` gets one line per step. */
export async function runOneManager(log: (line: string) => void): Promise<void> {
  const store = openStore();
  const managerId = newId();
  const { dispatcher, stop } = lead(store, managerId);
  try {
    await initialiseCluster(store, {
      node: { id: managerId, raftId: 1, address: "127.0.0.1:2377", availability: "active" },
      newId,
    });
    const node = await addNode(
      store,
      { role: "worker", availability: "active", hostname: "bee", address: "127.0.0.1:1" },
      { newId },
    );
    joinAgent(node.id, (channel) => dispatcher.accept(channel));

    const control = openControlApi(store);
    const { id } = await control.createService({ spec: hum });
    await until(store, () => {
      const tasks = [...store.view().tasksOfService(id)];
      return tasks.length === 3 && tasks.every(({ status }) => status.state === "running");
    });
    const { service, runningTasks, desiredTasks } = await control.getService(id);
    log(`${service.spec.name}: ${runningTasks}/${desiredTasks} running on ${node.id}`);
  } finally {
    await stop();
  }
}

if (import.meta.main) await runOneManager(console.log);
