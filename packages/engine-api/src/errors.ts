const brand = Symbol.for("@waggle/engine-api.EngineApiError");

/**
 * An answer other than success, as the Engine API gives it: an HTTP status and a sentence.
 *
 * | status | whose doing | state changed | retry |
 * | --- | --- | --- | --- |
 * | 400, 404, 409, 413, 414 | the client | no | no, as it is |
 * | 501 | the client: this swarm does not offer it | no | no |
 * | 503 | this node is no working manager, or the swarm has no leader | no | yes, later or on another manager |
 * | 500 | by its text: a stale version, bad filter values, an outcome that is unknown, or a bug | perhaps | after reading |
 */
export class EngineApiError extends Error {
  override readonly name = "EngineApiError";
  readonly code = "engine-api-error";
  /** The HTTP status of the answer. */
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an {@link EngineApiError}, also one of another copy of this package. */
export function isEngineApiError(value: unknown): value is EngineApiError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}

/** The refusal of what Docker offers and this swarm does not, worded as SwarmKit words it. */
export function unimplemented(message: string): EngineApiError {
  return new EngineApiError(501, `rpc error: code = Unimplemented desc = ${message}`);
}

/** How SwarmKit names what went wrong, and which status Docker gives it. The texts are compared by clients. */
const controlStatuses: ReadonlyMap<string, { readonly rpc: string; readonly status: number }> =
  new Map([
    ["invalid-argument", { rpc: "InvalidArgument", status: 400 }],
    ["failed-precondition", { rpc: "FailedPrecondition", status: 400 }],
    ["not-found", { rpc: "NotFound", status: 404 }],
    ["already-exists", { rpc: "AlreadyExists", status: 409 }],
    ["out-of-sequence", { rpc: "Unknown", status: 500 }],
    ["unimplemented", { rpc: "Unimplemented", status: 501 }],
    ["no-leader", { rpc: "Unavailable", status: 503 }],
    ["unavailable", { rpc: "Unavailable", status: 503 }],
    ["unknown-outcome", { rpc: "DeadlineExceeded", status: 500 }],
  ]);

/** What {@link SwarmPort} throws, in Docker's statuses. */
const swarmStatuses: ReadonlyMap<string, number> = new Map([
  ["invalid-argument", 400],
  ["bad-token", 500],
  ["already-member", 503],
  ["not-member", 503],
  ["not-manager", 503],
  ["last-manager", 503],
  ["timeout", 503],
  ["unavailable", 503],
  ["unimplemented", 501],
]);

/** The answer for anything that was thrown while a request was served. */
export function toApiError(error: unknown): EngineApiError {
  if (isEngineApiError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (error instanceof Error && error.name === "ControlError" && code !== undefined) {
    const known = controlStatuses.get(code) ?? { rpc: "Internal", status: 500 };
    return new EngineApiError(known.status, `rpc error: code = ${known.rpc} desc = ${message}`, {
      cause: error,
    });
  }
  const status = (code === undefined ? undefined : swarmStatuses.get(code)) ?? 500;
  return new EngineApiError(status, message, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
