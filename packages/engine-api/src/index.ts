/**
 * The Docker Engine API for a swarm, over HTTP: what the `docker` command line needs to drive one.
 * @packageDocumentation
 */
export { createEngineApi } from "./engine-api.ts";
export { EngineApiError, isEngineApiError } from "./errors.ts";
export { API_VERSION, API_VERSION_MIN } from "./http/api-version.ts";
export {
  CONNECTIONS_MAX,
  HEADERS_TIMEOUT_MS,
  JSON_DEPTH_MAX,
  LOG_FAILURES_MAX,
  LOG_FOLLOW_INTERVAL_MS,
  LOG_READERS_MAX,
  PATH_PARAMETER_LENGTH_MAX,
  REQUEST_BODY_BYTES_MAX,
  REQUEST_TIMEOUT_MS,
  URL_LENGTH_MAX,
} from "./limits.ts";
export type { EngineApi } from "./engine-api.ts";
export type {
  EnginePorts,
  LocalRaftStatus,
  LocalSwarmStatus,
  LogLine,
  LogOptions,
  LogsPort,
  SwarmInitRequest,
  SwarmJoinRequest,
  SwarmPort,
  SystemInfo,
  SystemPort,
} from "./ports.ts";
