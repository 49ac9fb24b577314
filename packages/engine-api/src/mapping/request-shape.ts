import { z } from "zod";
import { EngineApiError } from "../errors.ts";

/** Go writes `null` for absent objects, lists and maps; here they are absent, at any depth. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key, withoutNulls(field)]),
  );
}

/** Reads a request body. @throws EngineApiError 400 that names the field. */
export function parseRequest<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(withoutNulls(body));
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
    throw new EngineApiError(
      501,
      `rpc error: code = Unimplemented desc = ${where}: ${field} is not supported`,
    );
  }
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).every(isZero);
  return value === undefined || value === null || value === "" || value === 0 || value === false;
}

export const wholeNumber: z.ZodType<number> = z.number().int().nonnegative();
export const stringMap: z.ZodType<Record<string, string>> = z.record(z.string(), z.string());
export const stringList: z.ZodType<string[]> = z.array(z.string());
