import { EngineApiError } from "../errors.ts";

/** These words, in any case, are false to Docker; all others are true. */
const falseWords: readonly string[] = ["", "0", "no", "false", "none"];

export function booleanParameterValue(text: string): boolean {
  return !falseWords.includes(text.toLowerCase().trim());
}

export function booleanParameter(query: URLSearchParams, name: string): boolean {
  return booleanParameterValue(query.get(name) ?? "");
}

const goTrue: readonly string[] = ["1", "t", "T", "TRUE", "true", "True"];
const goFalse: readonly string[] = ["0", "f", "F", "FALSE", "false", "False"];

/**
 * A flag that Docker reads strictly; absent and empty are false.
 * @throws EngineApiError 400 for anything that is no truth value to Go.
 */
export function strictBooleanParameter(query: URLSearchParams, name: string): boolean {
  const text = query.get(name) ?? "";
  if (text === "" || goFalse.includes(text)) return false;
  if (goTrue.includes(text)) return true;
  throw new EngineApiError(
    400,
    `invalid value for ${name}: ${text}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

/** The `version` of an update. @throws EngineApiError 400, in Docker's words. */
export function versionParameter(query: URLSearchParams, object: string): number {
  const text = query.get("version") ?? "";
  if (!/^\d{1,20}$/.test(text)) {
    throw new EngineApiError(
      400,
      `invalid ${object} version '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`,
    );
  }
  return Number(text);
}

/** A time as `seconds` or `seconds.nanoseconds`, in milliseconds; `undefined` when it is not asked for. */
export function timeParameter(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name) ?? "";
  if (text === "" || text === "0") return undefined;
  if (!/^\d{1,12}(\.\d{1,9})?$/.test(text)) {
    throw new EngineApiError(400, `invalid value for "${name}": ${text}`);
  }
  return Number(text) * 1000;
}
