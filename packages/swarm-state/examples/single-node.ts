// A store on one node without Raft. Run: node --conditions=@waggle/source examples/single-node.ts
import {
  createLocalProposer,
  createSwarmStore,
  DEFAULT_RESTART_POLICY,
  DEFAULT_STOP_GRACE_PERIOD_MS,
  DEFAULT_STOP_SIGNAL,
  NO_RESOURCES,
} from "@waggle/swarm-state";
import type { ObjectDraft, Service, TaskSpec } from "@waggle/swarm-state";

const task: TaskSpec = {
  container: {
    image: "process",
    labels: {},
    command: ["/bin/sleep"],
    args: ["60"],
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
};

const web: ObjectDraft<Service> = {
  kind: "service",
  id: "0h2gq5zf8kx1mw7c3b9r4tj6n",
  spec: {
    name: "web",
    labels: {},
    task,
    mode: { type: "replicated", replicas: 2 },
    update: undefined,
    rollback: undefined,
    endpoint: undefined,
  },
  specVersion: 0,
  previousSpec: undefined,
  previousSpecVersion: undefined,
  updateStatus: undefined,
};

/** Creates a service and scales it before the first write is even committed. Gives what was heard of it, line by line. */
export async function main(): Promise<string[]> {
  const lines: string[] = [];
  const proposer = createLocalProposer();
  const store = createSwarmStore({ proposer, now: () => Date.now() });
  proposer.bind((index, data) => store.apply(index, data));
  store.subscribe(({ index, changes }) => {
    for (const { type, object } of changes) lines.push(`${index}: ${type} ${object.kind}`);
  });
  store.startLeading();

  const created = store.update((tx) => tx.create(web));
  const scaled = store.update((tx) => {
    const service = tx.byName("service", "web");
    if (service === undefined) return 0;
    tx.update({ ...service, spec: { ...service.spec, mode: { type: "replicated", replicas: 5 } } });
    return 5;
  });
  await created;
  lines.push(`replicas: ${await scaled}`);
  const service = store.view().byName("service", "WEB");
  lines.push(`version: ${service?.version ?? "none"}`);
  return lines;
}

if (import.meta.main) console.log((await main()).join("\n"));
