import { EngineApiError } from "./errors.ts";

/**
 * Finds what a user named: full id, else exact name, else unique start of an id.
 * @throws EngineApiError 404 when nothing matches, 400 when several do.
 */
export function lookUp<T>(
  objects: readonly T[],
  wanted: string,
  by: {
    readonly kind: string;
    readonly id: (object: T) => string;
    readonly name: (object: T) => string;
  },
): T {
  const exact = objects.find((object) => by.id(object) === wanted);
  if (exact !== undefined) return exact;
  // Objects that have no name yet are not found by an empty one, nor is everything by an empty start of an id.
  const candidates = wanted === "" ? [] : objects;
  const named = candidates.filter((object) => by.name(object) === wanted);
  const matches =
    named.length > 0 ? named : candidates.filter((object) => by.id(object).startsWith(wanted));
  const [first, ...others] = matches;
  if (first === undefined) throw new EngineApiError(404, `${by.kind} ${wanted} not found`);
  if (others.length > 0) {
    throw new EngineApiError(
      400,
      `${by.kind} ${wanted} is ambiguous (${matches.length} matches found)`,
    );
  }
  return first;
}
