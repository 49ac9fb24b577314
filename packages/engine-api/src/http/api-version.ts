import { EngineApiError } from "../errors.ts";
import type { ApiVersion } from "./exchange.ts";

/** The Engine API that is spoken here: that of Docker 28. */
export const API_VERSION = "1.50";
/** The oldest one that is answered. */
export const API_VERSION_MIN = "1.24";

/**
 * Splits `/v1.44/services` into version and route; a path without a version speaks the newest one.
 * @throws EngineApiError 400 for a version that is newer than the newest.
 */
export function splitVersion(path: string): {
  readonly version: ApiVersion;
  readonly route: string;
} {
  const match = /^\/v([0-9][0-9.]*)(\/.*)$/.exec(path);
  if (match === null) return { version: parseVersion(API_VERSION), route: path };
  const [, text = "", route = "/"] = match;
  const version = parseVersion(text);
  if (isOlder(parseVersion(API_VERSION), version)) {
    throw new EngineApiError(
      400,
      `client version ${text} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  return { version, route };
}

/** Why a client that speaks this version is not served; `undefined` when it is. Such clients read plain text. */
export function refuseOldVersion({ major, minor }: ApiVersion): string | undefined {
  if (!isOlder({ major, minor }, parseVersion(API_VERSION_MIN))) return undefined;
  return (
    `client version ${major}.${minor} is too old. Minimum supported API version is ${API_VERSION_MIN}, please upgrade` +
    " your client to a newer version"
  );
}

function parseVersion(text: string): ApiVersion {
  const [major = "0", minor = "0"] = text.split(".");
  return { major: Number(major), minor: Number(minor) };
}

function isOlder(a: ApiVersion, b: ApiVersion): boolean {
  return a.major < b.major || (a.major === b.major && a.minor < b.minor);
}

/** Whether the client speaks at least `1.minor`. */
export function speaksAtLeast(version: ApiVersion, minor: number): boolean {
  return version.major > 1 || version.minor >= minor;
}
