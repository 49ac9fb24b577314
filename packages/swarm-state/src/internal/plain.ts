import { PLAIN_DEPTH_MAX } from "../limits.ts";
import { ShapeError } from "./shape.ts";

/**
 * Sees that `value` is plain data: records, arrays, text, finite numbers, booleans and absent fields, not nested too
 * deep, at most `valuesMax` records and lists. What passes survives a way through JSON (but for absent fields), and can
 * be walked without fear of cycles. Throws {@link ShapeError}.
 */
export function assertPlain(value: unknown, valuesMax: number): void {
  walk(value, valuesMax, () => undefined);
}

/** As {@link assertPlain}, and freezes all of it on the way. */
export function freezePlain(value: unknown, valuesMax: number): void {
  walk(value, valuesMax, (item) => Object.freeze(item));
}

function walk(value: unknown, valuesMax: number, leave: (item: object) => void): void {
  let left = valuesMax;
  const visit = (item: unknown, depth: number): void => {
    if (isScalar(item)) return;
    left -= 1;
    if (left < 0) throw new ShapeError(`value: more than ${valuesMax} records and lists`);
    if (depth > PLAIN_DEPTH_MAX) throw new ShapeError("value: nested too deep");
    if (!isContainer(item)) throw new ShapeError("value: expected plain data");
    for (const child of Object.values(item)) visit(child, depth + 1);
    leave(item);
  };
  visit(value, 0);
}

function isScalar(item: unknown): boolean {
  if (typeof item === "number") {
    if (!Number.isFinite(item)) throw new ShapeError("value: expected finite numbers");
    return true;
  }
  const type = typeof item;
  return type === "string" || type === "boolean" || type === "undefined" || item === null;
}

function isContainer(item: unknown): item is object {
  if (typeof item !== "object" || item === null) return false;
  if (Array.isArray(item)) return true;
  const prototype: unknown = Object.getPrototypeOf(item);
  return prototype === Object.prototype || prototype === null;
}
