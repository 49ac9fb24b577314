/**
 * An answer other than success, as the Engine API gives it: an HTTP status and a sentence. The client caused every
 * status below 500, and its state and the swarm's are unchanged by those.
 */
export class EngineApiError extends Error {
  override readonly name = "EngineApiError";
  readonly code = "engine-api-error";
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.status = status;
  }
}

/** How SwarmKit names what went wrong, and which status Docker gives it. The texts are compared by clients. */
const controlStatuses: Readonly<Record<string, { readonly rpc: string; readonly status: number }>> =
  {
    "invalid-argument": { rpc: "InvalidArgument", status: 400 },
    "failed-precondition": { rpc: "FailedPrecondition", status: 400 },
    "not-found": { rpc: "NotFound", status: 404 },
    "already-exists": { rpc: "AlreadyExists", status: 409 },
    "out-of-sequence": { rpc: "Unknown", status: 500 },
    unimplemented: { rpc: "Unimplemented", status: 501 },
    "no-leader": { rpc: "Unavailable", status: 503 },
    unavailable: { rpc: "Unavailable", status: 503 },
    "unknown-outcome": { rpc: "DeadlineExceeded", status: 500 },
  };

/** What {@link SwarmPort} throws, in Docker's statuses. */
const swarmStatuses: Readonly<Record<string, number>> = {
  "invalid-argument": 400,
  "bad-token": 500,
  "already-member": 503,
  "not-member": 503,
  "not-manager": 503,
  "last-manager": 503,
  timeout: 503,
  unavailable: 503,
  unimplemented: 501,
};

/** The answer for anything that was thrown while a request was served. */
export function toApiError(error: unknown): EngineApiError {
  if (error instanceof EngineApiError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  if (error instanceof Error && error.name === "ControlError" && code !== undefined) {
    const known = controlStatuses[code] ?? { rpc: "Internal", status: 500 };
    return new EngineApiError(known.status, `rpc error: code = ${known.rpc} desc = ${message}`, {
      cause: error,
    });
  }
  const status = (code === undefined ? undefined : swarmStatuses[code]) ?? 500;
  return new EngineApiError(status, message, { cause: error });
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
