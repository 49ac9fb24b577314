import { taskStateRank } from "@waggle/swarm-state";
import type {
  AssignmentsComplete,
  AssignmentsIncremental,
  Change,
  Task,
  View,
} from "@waggle/swarm-state";
import { deepEqual } from "../internal/deep-equal.ts";
import { ASSIGNMENTS_PER_MESSAGE_MAX } from "./limits.ts";

/** What one agent has been told of its tasks, and what it is to be told next. Bounded by the tasks of its node. */
export interface AssignmentSet {
  /** Tasks about which the agent is to be told. */
  readonly waiting: number;
  /** Everything anew: what was waiting is part of it. */
  complete(view: View): AssignmentsComplete;
  /** Takes a change of a task of this node in. False if the agent need not know, as with a mere change of status. */
  note(change: Change & { readonly object: Task }): boolean;
  /** The next message, of at most `ASSIGNMENTS_PER_MESSAGE_MAX` tasks, or `undefined` if the agent knows all. */
  take(): AssignmentsIncremental | undefined;
}

export function createAssignmentSet(nodeId: string): AssignmentSet {
  const sent = new Map<string, Task>();
  /** By task id; `undefined` means: to be forgotten. */
  const waiting = new Map<string, Task | undefined>();

  const noteRemoval = (taskId: string): boolean => {
    if (sent.has(taskId)) waiting.set(taskId, undefined);
    else waiting.delete(taskId);
    return sent.has(taskId);
  };

  return {
    get waiting() {
      return waiting.size;
    },
    complete: (view) => {
      waiting.clear();
      sent.clear();
      for (const task of view.tasksOfNode(nodeId)) if (isAssigned(task)) sent.set(task.id, task);
      return { type: "assignments", mode: "complete", tasks: [...sent.values()] };
    },
    note: ({ type, object: task }) => {
      if (type === "delete") return noteRemoval(task.id);
      if (!isAssigned(task)) return false;
      const known = waiting.get(task.id) ?? sent.get(task.id);
      const matters = known === undefined || !sameAssignment(known, task);
      if (matters || waiting.has(task.id)) waiting.set(task.id, task);
      return matters;
    },
    take: () => {
      if (waiting.size === 0) return undefined;
      const tasks: Task[] = [];
      const removedTaskIds: string[] = [];
      for (const [id, task] of waiting) {
        if (tasks.length + removedTaskIds.length >= ASSIGNMENTS_PER_MESSAGE_MAX) break;
        waiting.delete(id);
        if (task === undefined) {
          removedTaskIds.push(id);
          sent.delete(id);
        } else {
          tasks.push(task);
          sent.set(id, task);
        }
      }
      return { type: "assignments", mode: "incremental", tasks, removedTaskIds };
    },
  };
}

function isAssigned(task: Task): boolean {
  return taskStateRank(task.status.state) >= taskStateRank("assigned");
}

/** Whether two versions of a task ask the same of the agent. Status, times and versions are none of its business. */
function sameAssignment(a: Task, b: Task): boolean {
  return (
    a.desiredState === b.desiredState &&
    a.specVersion === b.specVersion &&
    a.slot === b.slot &&
    deepEqual(a.spec, b.spec) &&
    deepEqual(a.service, b.service)
  );
}
