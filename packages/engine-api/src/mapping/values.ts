import type { ObjectMeta } from "@waggle/swarm-state";

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** The years 1 to 9999: what Go reads. A clock that is out of its mind must not make a whole list unreadable. */
const TIME_MS_MIN = -62_135_596_800_000;
const TIME_MS_MAX = 253_402_300_799_999;

/** RFC 3339 in UTC with three digits of a second's fraction; times beyond Go's years show the nearest that it reads. */
export function toExactTime(ms: number): string {
  return new Date(Math.min(Math.max(ms, TIME_MS_MIN), TIME_MS_MAX)).toISOString();
}

/** The same, trailing zeros of the fraction trimmed, as Go prints times. */
export function toTime(ms: number): string {
  return toExactTime(ms).replace(/\.?0+Z$/, "Z");
}

/** Whole, since Go reads no fractions here; a duration that was read from nanoseconds comes out as it went in. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * NANOSECONDS_PER_MILLISECOND);
}

/** Up to here (26 days) both directions are exact to the nanosecond. */
const EXACT_NANOSECONDS_MAX = 2 ** 51;

/**
 * Fractions of a millisecond are kept, except in durations so long that doubles no longer tell nanoseconds apart: those are
 * rounded, so that a spec that was read and sent back stays the same and restarts nothing.
 */
export function fromNanoseconds(nanoseconds: number): number {
  const ms = nanoseconds / NANOSECONDS_PER_MILLISECOND;
  return Math.abs(nanoseconds) > EXACT_NANOSECONDS_MAX ? Math.round(ms) : ms;
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

/** `undefined` for zero and empty values, which Go leaves out. */
export function nonZero(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

export function nonEmpty<T extends { readonly length: number }>(value: T): T | undefined {
  return value.length === 0 ? undefined : value;
}

/** A map, or `undefined` when it is empty. */
export function nonEmptyMap(
  map: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}
