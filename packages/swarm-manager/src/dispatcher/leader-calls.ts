import { TASK_STATES } from "@waggle/swarm-state";
import type { NodeDescription, TaskStatus } from "@waggle/swarm-state";
import { ControlError } from "../control/errors.ts";
import { LIST_ITEMS_MAX, TEXT_LENGTH_MAX } from "../control/limits.ts";
import { readId } from "../control/read-params.ts";
import {
  integer,
  list,
  maybe,
  number,
  oneOf,
  ReadError,
  record,
  text,
  textMap,
  type Read,
} from "../internal/read.ts";
import type {
  LeaderPort,
  ReportedStatus,
  SessionClosed,
  SessionOpened,
  SessionsAnnounced,
} from "./leader-port.ts";
import { ANNOUNCED_SESSIONS_MAX, STATUS_BATCH_ITEMS_MAX } from "./limits.ts";

/** Name of a call that a dispatcher makes to the leader. */
export type LeaderCall = keyof LeaderPort;

/** Names of the calls that dispatchers make to the leader. */
export const LEADER_CALLS: readonly LeaderCall[] = [
  "reportStatuses",
  "sessionOpened",
  "sessionClosed",
  "announceSessions",
];

/**
 * A leader that is elsewhere. `call` reaches the desk of whoever leads now, and rejects with a ControlError, or
 * with anything else, which counts as "say it again".
 */
export function createRemoteLeader(
  call: (method: LeaderCall, params: unknown) => Promise<unknown>,
): LeaderPort {
  const tell =
    (method: LeaderCall) =>
    async (params: unknown): Promise<void> => {
      await call(method, params);
    };
  return {
    reportStatuses: tell("reportStatuses"),
    sessionOpened: tell("sessionOpened"),
    sessionClosed: tell("sessionClosed"),
    announceSessions: tell("announceSessions"),
  };
}

/**
 * The other end of {@link createRemoteLeader}: checks name and parameters wholly, then calls `desk` in the same turn, so
 * that calls keep their order.
 * @throws ControlError `unimplemented`, `invalid-argument`; else what the desk throws.
 */
export async function dispatchLeaderCall(
  desk: LeaderPort,
  method: string,
  params: unknown,
): Promise<void> {
  const known = LEADER_CALLS.find((name) => name === method);
  if (known === undefined) {
    throw new ControlError("unimplemented", `no such leader call: ${method.slice(0, 64)}`);
  }
  await handlers[known](desk, params);
}

const free = text(TEXT_LENGTH_MAX);
const anyNumber = number(-Number.MAX_VALUE, Number.MAX_VALUE);

const readStatus = record<TaskStatus>({
  state: oneOf(...TASK_STATES),
  timestampMs: anyNumber,
  appliedAtMs: anyNumber,
  message: free,
  error: free,
  container: maybe(
    record<NonNullable<TaskStatus["container"]>>({
      containerId: free,
      pid: integer,
      exitCode: maybe(integer),
    }),
  ),
});

const readDescription = record<NodeDescription>({
  hostname: free,
  platform: record<NodeDescription["platform"]>({ os: free, architecture: free }),
  resources: record<NodeDescription["resources"]>({ nanoCpus: anyNumber, memoryBytes: anyNumber }),
  engine: record<NodeDescription["engine"]>({
    version: free,
    labels: textMap(LIST_ITEMS_MAX, TEXT_LENGTH_MAX),
    executors: list(free, LIST_ITEMS_MAX),
  }),
  address: free,
});

const readBatch = record<Parameters<LeaderPort["reportStatuses"]>[0]>({
  statuses: list(
    record<ReportedStatus>({ nodeId: readId, taskId: readId, status: readStatus }),
    STATUS_BATCH_ITEMS_MAX,
  ),
});

const readOpened = record<SessionOpened>({
  managerId: readId,
  nodeId: readId,
  sessionId: readId,
  description: readDescription,
  address: free,
});

const readClosed = record<SessionClosed>({
  managerId: readId,
  nodeId: readId,
  sessionId: readId,
  reason: oneOf("bye", "lost"),
});

const readAnnounced = record<SessionsAnnounced>({
  managerId: readId,
  sessions: list(
    record<SessionsAnnounced["sessions"][number]>({ nodeId: readId, sessionId: readId }),
    ANNOUNCED_SESSIONS_MAX,
  ),
});

const handlers: Readonly<Record<LeaderCall, (desk: LeaderPort, params: unknown) => Promise<void>>> =
  {
    reportStatuses: (desk, params) => desk.reportStatuses(checked(readBatch, params)),
    sessionOpened: (desk, params) => desk.sessionOpened(checked(readOpened, params)),
    sessionClosed: (desk, params) => desk.sessionClosed(checked(readClosed, params)),
    announceSessions: (desk, params) => desk.announceSessions(checked(readAnnounced, params)),
  };

function checked<T>(read: Read<T>, params: unknown): T {
  try {
    return read(params, "params");
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    throw new ControlError("invalid-argument", error.message, { cause: error });
  }
}
