import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Task, TaskStatus } from "@waggle/swarm-state";
import { AgentError } from "../errors.ts";
import { writeFileAtomically } from "../internal/atomic-file.ts";
import { systemCodeOf, textOf } from "../internal/text.ts";
import { RECORDS_AT_ONCE_MAX, TASK_RECORD_BYTES_MAX } from "../limits.ts";
import { isTaskId } from "./task-id.ts";
import { parseStatusRecord, parseTaskRecord, statusRecord, taskRecord } from "./task-record.ts";

/** A task as an earlier agent left it. */
export interface StoredTask {
  readonly task: Task;
  readonly status: TaskStatus;
}

export interface LoadedTasks {
  readonly tasks: readonly StoredTask[];
  /** Ids whose record cannot be read, with the reason. Their folders are left as they are. */
  readonly damaged: readonly { readonly taskId: string; readonly reason: string }[];
}

/**
 * The agent's record of its tasks:
 *
 *     tasks/<id>/task.json     the assignment
 *     tasks/<id>/status.json   the latest observed status, from `starting` on
 *
 * Every file is replaced as a whole and synced. What is asked for of one task is done in that order.
 */
export interface TaskStore {
  load(): Promise<LoadedTasks>;
  putTask(task: Task): Promise<void>;
  putStatus(taskId: string, status: TaskStatus): Promise<void>;
  remove(taskId: string): Promise<void>;
}

/** @throws AgentError `directory-unusable`. */
export async function openTaskStore(directory: string): Promise<TaskStore> {
  const root = join(directory, "tasks");
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const message = `the agent's directory cannot be used: ${textOf(cause)}`;
    throw new AgentError("directory-unusable", message, { cause });
  }
  const folder = (taskId: string): string => join(root, taskId);
  const inTurn = createTurns();
  return {
    load: () => loadAll(root),
    putTask: (task) =>
      inTurn(task.id, async () => {
        await mkdir(folder(task.id), { recursive: true, mode: 0o700 });
        await writeFileAtomically(join(folder(task.id), "task.json"), taskRecord(task));
      }),
    putStatus: (taskId, status) =>
      inTurn(taskId, () =>
        writeFileAtomically(join(folder(taskId), "status.json"), statusRecord(status)),
      ),
    remove: (taskId) => inTurn(taskId, () => rm(folder(taskId), { recursive: true, force: true })),
  };
}

/**
 * Does what concerns one task in the order in which it was asked for, one after the other, and for all tasks together not
 * too much at once: each piece of work holds a file open.
 */
function createTurns(): (taskId: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  const limited = async (work: () => Promise<void>): Promise<void> => {
    if (busy < RECORDS_AT_ONCE_MAX) busy += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await work();
    } finally {
      // Who waits takes over this place.
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
  return (taskId, work) => {
    const before = last.get(taskId) ?? Promise.resolve();
    const turn = (): Promise<void> => limited(work);
    const done = before.then(turn, turn);
    last.set(taskId, done);
    const leave = (): void => {
      if (last.get(taskId) === done) last.delete(taskId);
    };
    done.then(leave, leave);
    return done;
  };
}

async function loadAll(root: string): Promise<LoadedTasks> {
  const tasks: StoredTask[] = [];
  const damaged: { taskId: string; reason: string }[] = [];
  let names: string[];
  try {
    names = (await readdir(root)).sort();
  } catch (cause) {
    throw new AgentError("directory-unusable", `the tasks cannot be read: ${textOf(cause)}`, {
      cause,
    });
  }
  for (const taskId of names.filter(isTaskId)) {
    try {
      const task = parseTaskRecord(await readBounded(join(root, taskId, "task.json")), taskId);
      const status = await readStatus(join(root, taskId, "status.json"));
      tasks.push({ task, status: status ?? task.status });
    } catch (error) {
      damaged.push({ taskId, reason: textOf(error) });
    }
  }
  return { tasks, damaged };
}

async function readStatus(path: string): Promise<TaskStatus | undefined> {
  try {
    return parseStatusRecord(await readBounded(path));
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > TASK_RECORD_BYTES_MAX) {
      throw new AgentError("directory-unusable", `${path}: larger than any record of a task`);
    }
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}
