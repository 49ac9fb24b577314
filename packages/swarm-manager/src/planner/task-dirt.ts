import type { Node, Service, Task, TaskSpec } from "@waggle/swarm-state";
import { createConstraintMatcher } from "./constraints.ts";

/**
 * Whether the task has to be replaced to bring its service's present spec into effect. Whole task specs are compared,
 * so a changed scale, label or update setting replaces nothing. If only the placement differs, the task stays as long
 * as the node that it is on satisfies the new constraints.
 */
export function isTaskDirty(service: Service, task: Task, node: Node | undefined): boolean {
  const wanted = service.spec.task;
  if (isEqualMemoised(task.spec, wanted)) return false;
  if (node?.id !== task.nodeId) return true;
  if (!isEqual({ ...task.spec, placement: wanted.placement }, wanted)) return true;
  return !createConstraintMatcher(wanted.placement.constraints)(node);
}

/** Specs are frozen, so what was once compared stays true. Keyed by the task's spec; remembers the last partner only. */
const compared = new WeakMap<TaskSpec, { readonly to: TaskSpec; readonly equal: boolean }>();

function isEqualMemoised(spec: TaskSpec, wanted: TaskSpec): boolean {
  if (spec === wanted) return true;
  const known = compared.get(spec);
  if (known?.to === wanted) return known.equal;
  const equal = isEqual(spec, wanted);
  compared.set(spec, { to: wanted, equal });
  return equal;
}

/** Deep equality of plain data: records by keys in any order, an absent key like an undefined one, arrays in order. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b))
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => isEqual(item, b[index]))
    );
  const left = definedEntries(a);
  if (left.length !== definedEntries(b).length) return false;
  const right = new Map(Object.entries(b));
  return left.every(([key, value]) => isEqual(value, right.get(key)));
}

function definedEntries(record: object): [string, unknown][] {
  return Object.entries(record).filter(([, value]) => value !== undefined);
}
