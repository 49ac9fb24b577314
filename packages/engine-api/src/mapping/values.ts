import type { ObjectMeta } from "@waggle/swarm-state";

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** RFC 3339 in UTC, trailing zeros of the fraction trimmed, as Go prints times. */
export function toTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0+Z$/, "Z");
}

export function toNanoseconds(ms: number): number {
  return ms * NANOSECONDS_PER_MILLISECOND;
}

/** Fractions of a millisecond are kept: a health check may run every microsecond as far as the API is concerned. */
export function fromNanoseconds(nanoseconds: number): number {
  return nanoseconds / NANOSECONDS_PER_MILLISECOND;
}

/** The fields that stand first in every object. */
export function toMeta(object: ObjectMeta): object {
  return {
    ID: object.id,
    Version: { Index: object.version },
    CreatedAt: toTime(object.createdAtMs),
    UpdatedAt: toTime(object.updatedAtMs),
  };
}

/** Leaves out what is `undefined`, as Go's `omitempty` does; `undefined` when nothing is left. */
export function present<T extends object>(fields: T): T | undefined {
  return Object.values(fields).some((value) => value !== undefined) ? fields : undefined;
}

/** `undefined` for zero and empty values, which Go leaves out. */
export function nonZero(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

export function nonEmpty<T extends { readonly length: number }>(value: T): T | undefined {
  return value.length === 0 ? undefined : value;
}
