const BRAND = Symbol.for("@waggle/raft-core.InvariantError");

/**
 * A bug in this package, never a fault of the environment. The state can no longer be trusted: stop using the core and
 * start again from the store. Retrying is not sound.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
  readonly code = "invariant-broken";

  constructor(message: string) {
    super(message);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Says whether `value` is an {@link InvariantError}, also one of another copy of this package. */
export function isInvariantError(value: unknown): value is InvariantError {
  return typeof value === "object" && value !== null && Reflect.get(value, BRAND) === true;
}

/** Stays on in production. @throws InvariantError when `condition` is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
