import { freezePlain } from "../internal/plain.ts";
import { isPlain, ShapeError } from "../internal/shape.ts";
import type { Check } from "../internal/shape.ts";
import { PLAIN_VALUES_MAX } from "../limits.ts";
import type { ObjectKind, SwarmObject } from "./object.ts";
import { checkCluster } from "./validate-cluster.ts";
import { checkNode } from "./validate-node.ts";
import { checkService } from "./validate-service.ts";
import { checkTask } from "./validate-task.ts";

const CHECKS: ReadonlyMap<unknown, Check> = new Map<ObjectKind, Check>([
  ["cluster", checkCluster],
  ["node", checkNode],
  ["service", checkService],
  ["task", checkTask],
]);

/** Whether `kind` names one of the kinds that this release knows. */
export function isObjectKind(kind: unknown): kind is ObjectKind {
  return CHECKS.has(kind);
}

/**
 * Checks every known field of `value`, then freezes it deeply. Fields that this release does not know stay as they are.
 * Throws a {@link ShapeError} that names the field.
 */
export function validateObject(value: unknown): asserts value is SwarmObject {
  if (!isPlain(value)) throw new ShapeError("value: expected a record");
  const check = CHECKS.get(value["kind"]);
  if (check === undefined) throw new ShapeError("kind: expected a known kind of object");
  check(value, "");
  freezePlain(value, PLAIN_VALUES_MAX);
}
