/** A bug in this package, never bad input: something held to be always true was not. Not to be caught and gone on from. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Stops with an {@link InvariantError} unless `condition` holds. Stays on in production. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Marks a place that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected value: ${String(value)}`);
}
