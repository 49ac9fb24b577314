/**
 * Why a node could not do what it was told.
 *
 * - `invalid-argument`: the caller's request is wrong as it is; nothing changed.
 * - `already-member`, `not-member`, `not-manager`: the node's place in the swarm does not allow it; nothing changed.
 * - `bad-token`: the join token was not accepted; nothing changed; ask a manager for a current one.
 * - `last-manager`: leaving would end the swarm or its quorum; nothing changed; `--force` overrides.
 * - `timeout`, `unavailable`: the other side did not answer, or has no leader; nothing changed here, retry is sound.
 * - `unimplemented`: not offered; nothing changed.
 * - `damaged`: the data directory does not hold what it should; nothing was changed.
 * - `protocol`: a peer sent something that it may not; the connection was closed.
 */
export type NodeErrorCode =
  | "invalid-argument"
  | "already-member"
  | "not-member"
  | "not-manager"
  | "bad-token"
  | "last-manager"
  | "timeout"
  | "unavailable"
  | "unimplemented"
  | "damaged"
  | "protocol";

/** A refusal with a sentence for people in `message`. */
export class NodeError extends Error {
  override readonly name = "NodeError";
  readonly code: NodeErrorCode;

  constructor(code: NodeErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The stable code of anything that was thrown; `internal` when it has none. */
export function codeOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) {
    if (typeof error.code === "string") return error.code;
  }
  return "internal";
}

/** Whether nothing was heard in time: the other side may still have acted. */
export function isNodeTimeout(error: unknown): boolean {
  return error instanceof NodeError && error.code === "timeout";
}
