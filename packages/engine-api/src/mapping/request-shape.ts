import { z } from "zod";
import { EngineApiError, unimplemented } from "../errors.ts";
import { JSON_DEPTH_MAX } from "../limits.ts";

/**
 * Go writes `null` for absent objects, lists and maps; here they are absent, at any depth.
 * @throws EngineApiError 400 for a body that is nested too deeply.
 */
export function withoutNulls(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= JSON_DEPTH_MAX) {
    throw new EngineApiError(400, `invalid JSON: nested more than ${JSON_DEPTH_MAX} levels deep`);
  }
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field, depth + 1)]),
  );
}

/** Reads a request body. @throws EngineApiError 400 that names the field. */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(withoutNulls(body ?? {}));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join(".") ?? "";
  throw new EngineApiError(400, `invalid JSON: field ${field}: ${issue?.message ?? "invalid"}`);
}

/**
 * Refuses fields that Docker knows and this swarm does not carry out yet, unless they hold their zero value. Ignoring
 * them would run something else than what was asked for.
 * @throws EngineApiError 501
 */
export function refuseUnsupported(
  object: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  where: string,
): void {
  for (const field of fields) {
    if (isZero(object[field])) continue;
    throw unimplemented(`${where}: ${field} is not supported`);
  }
}

function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === "object" && value !== null) return Object.values(value).every(isZero);
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

/** Nanoseconds as Go's `int64` has them: whole, either sign, beyond what a double holds exactly too. */
export const duration: z.ZodType<number> = z
  .number()
  .refine((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 63, "expected an int64");
export const wholeNumber: z.ZodType<number> = z.number().int().nonnegative();
export const stringMap: z.ZodType<Record<string, string>> = z.record(z.string(), z.string());
export const stringList: z.ZodType<string[]> = z.array(z.string());
