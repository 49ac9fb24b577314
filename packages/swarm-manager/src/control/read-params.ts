import type {
  ClusterSpec,
  EndpointSpec,
  NodeSpec,
  ServiceSpec,
  TaskSpec,
  UpdateConfig,
} from "@waggle/swarm-state";
import {
  flag,
  integer,
  list,
  maybe,
  number,
  oneOf,
  record,
  text,
  textMap,
  type Read,
} from "../internal/read.ts";
import { ID_LENGTH_MAX, LIST_ITEMS_MAX, TEXT_LENGTH_MAX } from "./limits.ts";

const free = text(TEXT_LENGTH_MAX);
const labels = textMap(LIST_ITEMS_MAX, TEXT_LENGTH_MAX);
const texts = list(free, LIST_ITEMS_MAX);
const decimal = number(-Number.MAX_VALUE, Number.MAX_VALUE);

/** An id in a request. */
export const readId: Read<string> = text(ID_LENGTH_MAX);

export const readClusterSpec: Read<ClusterSpec> = record<ClusterSpec>({
  name: free,
  labels,
  taskHistoryLimit: integer,
  raftSnapshotIntervalEntries: integer,
  raftTrailingEntries: integer,
});

export const readNodeSpec: Read<NodeSpec> = record<NodeSpec>({
  name: free,
  labels,
  role: oneOf("worker", "manager"),
  availability: oneOf("active", "pause", "drain"),
});

const amounts = record<TaskSpec["limits"]>({ nanoCpus: integer, memoryBytes: integer });

const readTaskSpec = record<TaskSpec>({
  container: record<TaskSpec["container"]>({
    image: free,
    labels,
    command: texts,
    args: texts,
    hostname: free,
    env: texts,
    dir: free,
    user: free,
    stopSignal: free,
    stopGracePeriodMs: decimal,
    tty: flag,
    init: maybe(flag),
    readOnly: flag,
  }),
  limits: amounts,
  reservations: amounts,
  restart: record<TaskSpec["restart"]>({
    condition: oneOf("none", "on-failure", "any"),
    delayMs: decimal,
    maxAttempts: integer,
    windowMs: decimal,
  }),
  placement: record<TaskSpec["placement"]>({
    constraints: texts,
    spread: texts,
    maxReplicasPerNode: integer,
    platforms: list(
      record<TaskSpec["placement"]["platforms"][number]>({ os: free, architecture: free }),
      LIST_ITEMS_MAX,
    ),
  }),
  logDriver: maybe(record<NonNullable<TaskSpec["logDriver"]>>({ name: free, options: labels })),
  forceUpdate: integer,
});

const updateConfig = maybe(
  record<UpdateConfig>({
    parallelism: integer,
    delayMs: decimal,
    failureAction: oneOf("pause", "continue", "rollback"),
    monitorMs: decimal,
    maxFailureRatio: decimal,
    order: oneOf("stop-first", "start-first"),
  }),
);

const endpoint = record<EndpointSpec>({
  mode: oneOf("vip", "dnsrr"),
  ports: list(
    record<EndpointSpec["ports"][number]>({
      name: free,
      protocol: oneOf("tcp", "udp", "sctp"),
      targetPort: integer,
      publishedPort: integer,
      publishMode: oneOf("ingress", "host"),
    }),
    LIST_ITEMS_MAX,
  ),
});

export const readServiceSpec: Read<ServiceSpec> = record<ServiceSpec>({
  name: free,
  labels,
  task: readTaskSpec,
  mode: record<ServiceSpec["mode"]>({ type: oneOf("replicated"), replicas: integer }),
  update: updateConfig,
  rollback: updateConfig,
  endpoint: maybe(endpoint),
});
