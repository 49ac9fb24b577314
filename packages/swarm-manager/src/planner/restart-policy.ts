import { taskStateRank } from "@waggle/swarm-state";
import type { Task, TaskState } from "@waggle/swarm-state";

/** States that a task reaches by itself, not because someone stopped it or its node was lost. */
const ownEnds: ReadonlySet<TaskState> = new Set<TaskState>(["complete", "failed", "rejected"]);

/** The task ended by itself: by its own exit, or because it could not start. */
export function endedByItself(task: Task): boolean {
  return ownEnds.has(task.status.state);
}

/**
 * Whether the task's restart policy wants no successor. `siblings` are the tasks of its slot, the task itself allowed
 * among them: attempts are counted from those still stored, so that a new leader counts the same.
 *
 * A task that was interrupted (stopped, or its node lost) is succeeded whatever its policy, with one exception: under
 * `none` it runs at most once, so it is succeeded only if it was not yet seen starting.
 */
export function isFinished(task: Task, siblings: readonly Task[]): boolean {
  const policy = task.spec.restart;
  if (!endedByItself(task))
    return (
      policy.condition === "none" && taskStateRank(task.status.state) >= taskStateRank("starting")
    );
  if (policy.condition === "none") return true;
  if (policy.condition === "on-failure" && task.status.state === "complete") return true;
  if (policy.maxAttempts === 0) return false;
  return countRestarts(task, siblings) >= policy.maxAttempts;
}

/** Earlier tasks of the slot, of the same version, that ended by themselves (within the window) and were restarted. */
function countRestarts(task: Task, siblings: readonly Task[]): number {
  const { windowMs } = task.spec.restart;
  const since = windowMs === 0 ? -Infinity : task.status.appliedAtMs - windowMs;
  let count = 0;
  for (const sibling of siblings)
    if (
      sibling.id !== task.id &&
      sibling.specVersion === task.specVersion &&
      sibling.desiredState !== "remove" &&
      endedByItself(sibling) &&
      sibling.status.appliedAtMs > since
    )
      count++;
  return count;
}
