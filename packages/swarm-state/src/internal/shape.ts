/** What is wrong with a value, and where in it. Stays inside the package: callers see it as the cause of their own error. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Accepts a value or throws a {@link ShapeError} that names `path`. */
export type Check = (value: unknown, path: string) => void;

/** One check per field of `T`, none forgotten: the compiler sees to it. Further fields are let through as they are. */
export type Fields<T> = { readonly [K in keyof T]-?: Check };

type Plain = Readonly<Record<string, unknown>>;

/** Narrows to a record; arrays and null are none. */
export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fail(path: string, expected: string): never {
  throw new ShapeError(`${path === "" ? "value" : path}: expected ${expected}`);
}

/** A record with the given fields. */
export function shape<T>(fields: Fields<T>): Check {
  const entries = Object.entries<Check>(fields);
  return (value, path) => {
    if (!isPlain(value)) fail(path, "a record");
    for (const [key, check] of entries) check(value[key], path === "" ? key : `${path}.${key}`);
  };
}

/** Absent, or as `check` wants it. Null is not absent. */
export function maybe(check: Check): Check {
  return (value, path) => {
    if (value !== undefined) check(value, path);
  };
}

/** A string of at most `unitsMax` UTF-16 units. */
export function text(unitsMax: number): Check {
  return (value, path) => {
    if (typeof value !== "string" || value.length > unitsMax)
      fail(path, `text of at most ${unitsMax} characters`);
  };
}

/** Any finite number from `min` to `max`. */
export function number(min: number = -Number.MAX_VALUE, max: number = Number.MAX_VALUE): Check {
  return (value, path) => {
    if (typeof value !== "number" || !(value >= min && value <= max))
      fail(path, `a number from ${min} to ${max}`);
  };
}

/** A safe integer from `min` to `max`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  return (value, path) => {
    if (!Number.isSafeInteger(value) || Number(value) < min || Number(value) > max)
      fail(path, `an integer from ${min} to ${max}`);
  };
}

export const flag: Check = (value, path) => {
  if (typeof value !== "boolean") fail(path, "true or false");
};

/** One of the given words. */
export function oneOf(words: readonly string[]): Check {
  const known = new Set<unknown>(words);
  return (value, path) => {
    if (!known.has(value)) fail(path, `one of ${words.join(", ")}`);
  };
}

/** An array of at most `itemsMax` items. */
export function list(item: Check, itemsMax: number): Check {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > itemsMax)
      fail(path, `a list of at most ${itemsMax} items`);
    for (let i = 0; i < value.length; i++) item(value[i], `${path}[${i}]`);
  };
}

/** A record from any key to text, at most `entriesMax` of them. */
export function textMap(entriesMax: number, unitsMax: number): Check {
  const value = text(unitsMax);
  return (record, path) => {
    if (!isPlain(record)) fail(path, "a record");
    const keys = Object.keys(record);
    if (keys.length > entriesMax) fail(path, `at most ${entriesMax} entries`);
    for (const key of keys) {
      text(unitsMax)(key, path);
      value(record[key], `${path}.${key}`);
    }
  };
}

/** Text that `pattern` matches wholly; `expected` names it to a reader. */
export function matching(pattern: RegExp, expected: string): Check {
  return (value, path) => {
    if (typeof value !== "string" || !pattern.test(value)) fail(path, expected);
  };
}
