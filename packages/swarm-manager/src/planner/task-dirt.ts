import type { Node, Service, Task, TaskSpec } from "@waggle/swarm-state";
import { deepEqual } from "../internal/deep-equal.ts";
import { createConstraintMatcher } from "./constraints.ts";

/**
 * Whether the task has to be replaced to bring its service's present spec into effect. Whole task specs are compared,
 * so a changed scale, label or update setting replaces nothing. If only the placement differs, the task stays as long
 * as the node that it is on satisfies the new constraints.
 */
export function isTaskDirty(service: Service, task: Task, node: Node | undefined): boolean {
  const wanted = service.spec.task;
  if (sameSpec(task.spec, wanted)) return false;
  if (node?.id !== task.nodeId) return true;
  if (!deepEqual({ ...task.spec, placement: wanted.placement }, wanted)) return true;
  return !createConstraintMatcher(wanted.placement.constraints)(node);
}

/** Specs are frozen, so what was once compared stays true. Keyed by the task's spec; remembers the last partner only. */
const compared = new WeakMap<TaskSpec, { readonly to: TaskSpec; readonly equal: boolean }>();

function sameSpec(spec: TaskSpec, wanted: TaskSpec): boolean {
  if (spec === wanted) return true;
  const known = compared.get(spec);
  if (known?.to === wanted) return known.equal;
  const equal = deepEqual(spec, wanted);
  compared.set(spec, { to: wanted, equal });
  return equal;
}
