import { taskStateRank } from "@waggle/swarm-state";
import type { SwarmStore, Transaction } from "@waggle/swarm-state";
import { ControlError, controlErrorOf } from "../control/errors.ts";
import { deepEqual } from "../internal/deep-equal.ts";
import { isTooLarge, writeHalved } from "../internal/write-halved.ts";
import type {
  LeaderPort,
  ReportedStatus,
  SessionClosed,
  SessionOpened,
  SessionsAnnounced,
} from "./leader-port.ts";
import { NODES_PER_TRANSACTION_MAX, STATUSES_PER_TRANSACTION_MAX } from "./limits.ts";

/** Who is told of sessions: the node monitor. Called in the order in which the calls came in. */
export interface SessionObserver {
  /** @throws ControlError `no-leader` while it does not run. */
  sessionOpened(session: Pick<SessionOpened, "managerId" | "nodeId" | "sessionId">): void;
  sessionClosed(session: SessionClosed): void;
  sessionsAnnounced(announcement: SessionsAnnounced): void;
}

/** What {@link createLeaderDesk} works on. */
export interface LeaderDeskOptions {
  readonly store: SwarmStore;
  readonly sessions: SessionObserver;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/**
 * The leader's side of all dispatchers: writes what they report. It may stand on every manager; on one that does not
 * lead every call fails with `no-leader`.
 */
export function createLeaderDesk({ store, sessions, now }: LeaderDeskOptions): LeaderPort {
  const write = async (change: (tx: Transaction) => void): Promise<void> => {
    try {
      await store.update(change);
    } catch (error) {
      throw controlErrorOf(error);
    }
  };
  const writeReported = async <T>(
    items: readonly T[],
    change: (tx: Transaction, part: readonly T[]) => void,
  ): Promise<void> => {
    try {
      await writeHalved(items, (part) => writeUnlessTooLarge(store, part, change));
    } catch (error) {
      throw controlErrorOf(error);
    }
  };
  return {
    reportStatuses: ({ statuses }) =>
      inParts(statuses, STATUSES_PER_TRANSACTION_MAX, (part) =>
        writeReported(part, (tx, fitting) => writeStatuses(tx, fitting, now())),
      ),
    sessionOpened: async (session) => {
      sessions.sessionOpened(session);
      await write((tx) => writeSession(tx, session));
    },
    sessionClosed: async (session) => {
      sessions.sessionClosed(session);
      return Promise.resolve();
    },
    announceSessions: async (announcement) => {
      sessions.sessionsAnnounced(announcement);
      const nodeIds = announcement.sessions.map(({ nodeId }) => nodeId);
      await inParts(nodeIds, NODES_PER_TRANSACTION_MAX, (part) =>
        writeReported(part, (tx, fitting) => fitting.forEach((nodeId) => markReady(tx, nodeId))),
      );
    },
  };
}

/**
 * One item that is too large by itself is left out: said again it would be no smaller, and those that came with it must
 * not wait for it for ever.
 */
async function writeUnlessTooLarge<T>(
  store: SwarmStore,
  part: readonly T[],
  change: (tx: Transaction, part: readonly T[]) => void,
): Promise<void> {
  try {
    await store.update((tx) => change(tx, part));
  } catch (error) {
    if (part.length > 1 || !isTooLarge(error)) throw error;
  }
}

/** Starts all parts at once and in order; waits for all, so that no rejection is left behind; tells the first failure. */
async function inParts<T>(
  items: readonly T[],
  partMax: number,
  write: (part: readonly T[]) => Promise<void>,
): Promise<void> {
  const parts: Promise<void>[] = [];
  for (let at = 0; at < items.length; at += partMax)
    parts.push(write(items.slice(at, at + partMax)));
  for (const result of await Promise.allSettled(parts)) {
    if (result.status === "rejected") throw result.reason;
  }
}

/** A status never goes back to an earlier state; what says nothing new is not written. */
function writeStatuses(tx: Transaction, statuses: readonly ReportedStatus[], nowMs: number): void {
  for (const { nodeId, taskId, status } of statuses) {
    const task = tx.get("task", taskId);
    if (task?.nodeId !== nodeId) continue;
    if (taskStateRank(status.state) < taskStateRank(task.status.state)) continue;
    const known = {
      ...task.status,
      timestampMs: status.timestampMs,
      appliedAtMs: status.appliedAtMs,
    };
    if (deepEqual(known, status)) continue;
    tx.update({ ...task, status: { ...status, appliedAtMs: nowMs } });
  }
}

function writeSession(tx: Transaction, session: SessionOpened): void {
  const node = tx.get("node", session.nodeId);
  if (node === undefined) {
    throw new ControlError("not-found", `node ${session.nodeId} not found`);
  }
  const { description } = session;
  const status = { state: "ready", message: "", address: session.address } as const;
  if (deepEqual(node.status, status) && deepEqual(node.description, description)) return;
  tx.update({ ...node, status, description });
}

function markReady(tx: Transaction, nodeId: string): void {
  const node = tx.get("node", nodeId);
  if (node === undefined || node.status.state === "ready" || node.description === undefined) return;
  tx.update({ ...node, status: { ...node.status, state: "ready", message: "" } });
}
