import { PLAIN_DEPTH_MAX, PLAIN_VALUES_MAX } from "../limits.ts";
import { ShapeError } from "./shape.ts";

/**
 * Freezes `value` and all below it, having seen that it is plain data: records, arrays, text, finite numbers, booleans
 * and absent fields, not nested too deep. What passes survives a way through JSON unchanged (but for absent fields).
 */
export function freezePlain(value: object): void {
  let left = PLAIN_VALUES_MAX;
  const visit = (item: unknown, depth: number): void => {
    if (isScalar(item)) return;
    left -= 1;
    if (depth > PLAIN_DEPTH_MAX || left < 0) throw new ShapeError("value: nested too deep");
    if (!isPlainContainer(item)) throw new ShapeError("value: expected plain data");
    for (const child of Object.values(item)) visit(child, depth + 1);
    Object.freeze(item);
  };
  visit(value, 0);
}

function isScalar(item: unknown): boolean {
  if (typeof item === "number") {
    if (!Number.isFinite(item)) throw new ShapeError("value: expected finite numbers");
    return true;
  }
  return (
    typeof item === "string" || typeof item === "boolean" || item === undefined || item === null
  );
}

function isPlainContainer(item: unknown): item is object {
  if (typeof item !== "object" || item === null) return false;
  if (Array.isArray(item)) return true;
  const prototype: unknown = Object.getPrototypeOf(item);
  return prototype === Object.prototype || prototype === null;
}
