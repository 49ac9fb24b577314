import { setTimeout as pause } from "node:timers/promises";
import type { Task } from "@waggle/swarm-state";
import { LOG_FAILURES_MAX, LOG_FOLLOW_INTERVAL_MS, LOG_READERS_MAX } from "./limits.ts";

/** Reads the output of many tasks into one stream. Failures of single tasks are gathered, never thrown. */
export interface LogReaders {
  readonly failures: readonly { readonly task: Task; readonly error: unknown }[];
  /** What there is now, of some tasks at a time. */
  readAll(tasks: readonly Task[]): Promise<void>;
  /** All tasks at once, and those that come later, until `later` (if given) answers `undefined` and all have ended. */
  follow(
    tasks: readonly Task[],
    later: (() => Promise<readonly Task[] | undefined>) | undefined,
  ): Promise<void>;
}

export interface LogReadersOptions {
  /** Ends everything: the client is gone. */
  readonly signal: AbortSignal;
  /** `isLate` for a task that came after the client began to follow: it is read from its start. */
  readonly read: (task: Task, isLate: boolean) => Promise<void>;
}

export function createLogReaders({ signal, read }: LogReadersOptions): LogReaders {
  const failures: { task: Task; error: unknown }[] = [];
  const copy = async (task: Task, isLate: boolean): Promise<void> => {
    try {
      await read(task, isLate);
    } catch (error) {
      if (failures.length < LOG_FAILURES_MAX) failures.push({ task, error });
    }
  };
  return {
    failures,
    readAll: async (tasks) => {
      const waiting = tasks.filter(wasAssigned).values();
      await Promise.all(
        Array.from({ length: LOG_READERS_MAX }, async () => {
          for (const task of waiting) {
            if (!signal.aborted) await copy(task, false);
          }
        }),
      );
    },
    follow: async (tasks, later) => {
      const reading = new Set<Promise<void>>();
      let seen = new Set<string>();
      let current: readonly Task[] | undefined = tasks;
      for (let isLate = false; current !== undefined && !signal.aborted; isLate = true) {
        const assigned = current.filter(wasAssigned);
        for (const task of assigned) {
          if (seen.has(task.id)) continue;
          const copying = copy(task, isLate).finally(() => reading.delete(copying));
          reading.add(copying);
        }
        seen = new Set(assigned.map((task) => task.id));
        if (later === undefined) break;
        await pause(LOG_FOLLOW_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
        current = await later().catch(() => current);
      }
      await Promise.all(reading);
    },
  };
}

/** A task without a node has no output. */
function wasAssigned(task: Task): boolean {
  return task.nodeId !== "";
}
