import { EngineApiError } from "./errors.ts";

/** Parsed `filters`: values by key. Values of one key are alternatives, keys are all to match. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/**
 * Reads Docker's filter parameter: `{"key":{"value":true}}`, or the older `{"key":["value"]}`.
 * @throws EngineApiError 400 for anything else, or a key that is not among `known`.
 */
export function parseFilters(query: URLSearchParams, known: readonly string[]): Filters {
  const text = query.get("filters") ?? "";
  const filters = new Map<string, readonly string[]>();
  if (text === "") return filters;
  for (const [key, values] of Object.entries(parseObject(text))) {
    if (!known.includes(key)) throw new EngineApiError(400, `invalid filter '${key}'`);
    filters.set(key, valuesOf(values));
  }
  return filters;
}

function parseObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new EngineApiError(400, "invalid filter", { cause });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new EngineApiError(400, "invalid filter");
  }
  return parsed;
}

function valuesOf(values: unknown): readonly string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === "string")) return values;
  if (typeof values === "object" && values !== null && !Array.isArray(values)) {
    return Object.entries(values)
      .filter(([, wanted]) => wanted === true)
      .map(([value]) => value);
  }
  throw new EngineApiError(400, "invalid filter");
}

/** True when the key is not asked for, or one of its values passes. */
export function matchesAny(
  filters: Filters,
  key: string,
  matches: (value: string) => boolean,
): boolean {
  const values = filters.get(key);
  return values === undefined || values.length === 0 || values.some(matches);
}

/** `label` and `label=value`: all of them must hold; an empty value means "has it". */
export function matchesLabels(
  filters: Filters,
  key: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (filters.get(key) ?? []).every((filter) => {
    const at = filter.indexOf("=");
    const name = at < 0 ? filter : filter.slice(0, at);
    const wanted = at < 0 ? "" : filter.slice(at + 1);
    const actual = Object.hasOwn(labels, name) ? labels[name] : undefined;
    return actual !== undefined && (wanted === "" || actual === wanted);
  });
}

/** Refuses values that are no member of an enumeration, in Docker's words. */
export function requireKnownValues(
  filters: Filters,
  key: string,
  options: { readonly known: readonly string[]; readonly label: string },
): void {
  for (const value of filters.get(key) ?? []) {
    if (!options.known.includes(value)) {
      throw new EngineApiError(500, `Invalid ${options.label} filter: '${value}'`);
    }
  }
}
