/**
 * What went wrong. Nothing changes state, and no retry with the same input helps.
 *
 * | code | caused by |
 * |---|---|
 * | `bad-token` | whoever typed or pasted the join token; the message says what is wrong with it, never its secret |
 * | `bad-secret` | the caller: a secret, join secret or purpose of the wrong form |
 */
export type IdentityErrorCode = "bad-token" | "bad-secret";

const brand = Symbol.for("@waggle/swarm-identity.IdentityError");

/** The one error class of this package. Its message never contains a secret. */
export class IdentityError extends Error {
  override readonly name = "IdentityError";
  readonly code: IdentityErrorCode;

  constructor(code: IdentityErrorCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is an {@link IdentityError}, also one of another copy of this package. */
export function isIdentityError(value: unknown): value is IdentityError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}
