import { isStoreError } from "@waggle/swarm-state";

/**
 * Why a call to the control API failed.
 *
 * | code | whose doing | state changed | retry |
 * | --- | --- | --- | --- |
 * | `invalid-argument` | the caller: the request is malformed or against a rule | no | no |
 * | `not-found` | the caller, or someone removed the object | no | no |
 * | `already-exists` | the caller: the name is taken | no | with another name |
 * | `out-of-sequence` | someone changed the object since it was read | no | after reading it anew |
 * | `failed-precondition` | the state of the swarm does not allow it now | no | after mending that |
 * | `unimplemented` | the caller: this can never be changed, or is not offered | no | no |
 * | `no-leader` | the swarm: nobody leads, or leadership moved before anything was done | no | yes |
 * | `unavailable` | this manager or the way to the leader | no | yes |
 * | `unknown-outcome` | leadership or the connection was lost in between | perhaps | after reading what happened |
 */
export type ControlErrorCode =
  | "invalid-argument"
  | "not-found"
  | "already-exists"
  | "out-of-sequence"
  | "failed-precondition"
  | "unimplemented"
  | "no-leader"
  | "unavailable"
  | "unknown-outcome";

const CODES: readonly ControlErrorCode[] = [
  "invalid-argument",
  "not-found",
  "already-exists",
  "out-of-sequence",
  "failed-precondition",
  "unimplemented",
  "no-leader",
  "unavailable",
  "unknown-outcome",
];

/** A {@link ControlError} as plain data, for the way between managers. */
export interface ControlErrorData {
  readonly name: "ControlError";
  readonly code: ControlErrorCode;
  readonly message: string;
}

const brand = Symbol.for("@waggle/swarm-manager.ControlError");

/**
 * The error of the control API. `message` is for people and worded as Docker words it, without the
 * `rpc error: code = … desc = ` that the engine API puts before it.
 */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  toJSON(): ControlErrorData {
    return { name: this.name, code: this.code, message: this.message };
  }

  /**
   * The error that `data` describes: anything with a known `code` and a `message`, so also an error object that kept
   * only these on its way. Everything else becomes `unknown-outcome`, the only safe reading.
   */
  static fromJSON(data: unknown): ControlError {
    const fields = typeof data === "object" && data !== null ? data : {};
    const message: unknown = Reflect.get(fields, "message");
    const text =
      typeof message === "string" ? message : "the leader failed in a way it did not explain";
    const code = CODES.find((known) => known === Reflect.get(fields, "code"));
    return new ControlError(code ?? "unknown-outcome", text, { cause: data });
  }
}

/** Whether a value is a {@link ControlError}, also one of another copy of this package. */
export function isControlError(value: unknown): value is ControlError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}

/** Any failure of the store behind a write, as the control API tells it. Other errors pass through: they are bugs. */
export function controlErrorOf(error: unknown): unknown {
  if (!isStoreError(error)) return error;
  return new ControlError(codeOfStore(error.code), error.message, { cause: error });
}

function codeOfStore(code: string): ControlErrorCode {
  switch (code) {
    case "exists":
    case "name-conflict":
      return "already-exists";
    case "not-found":
    case "out-of-sequence":
    case "unknown-outcome":
      return code;
    case "not-leader":
    case "superseded":
      return "no-leader";
    case "busy":
      return "unavailable";
    default:
      return "invalid-argument";
  }
}
