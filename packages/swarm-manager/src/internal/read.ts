/** What is wrong with a value from outside, and where in it. Callers turn it into an error of their own. */
export class ReadError extends Error {
  override readonly name = "ReadError";
}

/** Takes a value from outside apart and returns a fresh, checked one; throws {@link ReadError} naming `path`. */
export type Read<T> = (value: unknown, path: string) => T;

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(path: string, expected: string): never {
  throw new ReadError(`${path}: expected ${expected}`);
}

/** A record with exactly the given fields; others are dropped. */
export function record<T>(fields: { readonly [K in keyof T]-?: Read<T[K]> }): Read<T> {
  const entries = Object.entries<Read<unknown>>(fields);
  return (value, path) => {
    if (!isPlain(value)) return fail(path, "a record");
    return Object.fromEntries(
      entries.map(([key, read]) => [key, read(value[key], `${path}.${key}`)]),
    ) as T;
  };
}

/** Absent, null (how JSON may show it) or as `read` wants it. */
export function maybe<T>(read: Read<T>): Read<T | undefined> {
  return (value, path) => (value === undefined || value === null ? undefined : read(value, path));
}

/** A string of at most `unitsMax` UTF-16 units. */
export function text(unitsMax: number): Read<string> {
  return (value, path) =>
    typeof value === "string" && value.length <= unitsMax
      ? value
      : fail(path, `text of at most ${unitsMax} characters`);
}

/** A finite number from `min` to `max`. */
export function number(min: number, max: number): Read<number> {
  return (value, path) =>
    typeof value === "number" && value >= min && value <= max
      ? value
      : fail(path, `a number from ${min} to ${max}`);
}

/** Any safe integer. Its range is the business of the validation behind. */
export const integer: Read<number> = (value, path) =>
  typeof value === "number" && Number.isSafeInteger(value) ? value : fail(path, "an integer");

export const flag: Read<boolean> = (value, path) =>
  typeof value === "boolean" ? value : fail(path, "true or false");

/** One of the given words. */
export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (value, path) =>
    words.find((word) => word === value) ?? fail(path, `one of ${words.join(", ")}`);
}

/** An array of at most `itemsMax` items. */
export function list<T>(item: Read<T>, itemsMax: number): Read<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > itemsMax) {
      return fail(path, `a list of at most ${itemsMax} items`);
    }
    return value.map((each: unknown, at) => item(each, `${path}[${at}]`));
  };
}

/** A record from text to text. */
export function textMap(
  entriesMax: number,
  unitsMax: number,
): Read<Readonly<Record<string, string>>> {
  const readText = text(unitsMax);
  return (value, path) => {
    if (!isPlain(value)) return fail(path, "a record");
    const entries = Object.entries(value);
    if (entries.length > entriesMax) return fail(path, `at most ${entriesMax} entries`);
    return Object.fromEntries(
      entries.map(([key, each]) => [readText(key, path), readText(each, `${path}.${key}`)]),
    );
  };
}
