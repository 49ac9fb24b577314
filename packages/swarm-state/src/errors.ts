/**
 * Why the store refused.
 *
 * | code | whose doing | state changed | retry |
 * | --- | --- | --- | --- |
 * | `exists` | the caller: an object of that kind and id is there | no | no, take another id |
 * | `name-conflict` | the caller: another object of that kind has the name | no | no, take another name |
 * | `not-found` | the caller, or someone deleted it | no | no |
 * | `out-of-sequence` | someone changed the object since it was read | no | yes, after reading it anew |
 * | `invalid-object` | the caller: a field is missing or of the wrong type | no | no |
 * | `misuse` | the caller: a transaction used after its end, inside another one, or asynchronously | no | no |
 * | `too-large` | the caller: a limit of `limits.ts` | no | in smaller parts |
 * | `busy` | too much in flight already | no | yes, later |
 * | `not-leader` | this node does not lead, or the log refused the entry | no | yes, at the leader |
 * | `superseded` | the entry came to the log after one that the transaction had not seen | no | yes |
 * | `unknown-outcome` | leadership was lost with the entry in flight | perhaps | after reading what happened |
 * | `damaged` | disk, network or another release: an entry or a snapshot does not decode, or does not fit the state | no | no |
 */
export type StoreErrorCode =
  | "exists"
  | "name-conflict"
  | "not-found"
  | "out-of-sequence"
  | "invalid-object"
  | "misuse"
  | "too-large"
  | "busy"
  | "not-leader"
  | "superseded"
  | "unknown-outcome"
  | "damaged";

const STORE_ERROR = Symbol.for("@waggle/swarm-state.StoreError");

/** A refusal of the store. `code` says whose doing it is and whether a retry is sound: see {@link StoreErrorCode}. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, STORE_ERROR, { value: true });
  }
}

/** Whether `error` is a {@link StoreError}, also one of another copy of this package. */
export function isStoreError(error: unknown): error is StoreError {
  return typeof error === "object" && error !== null && STORE_ERROR in error;
}

/**
 * What was wrong with bytes taken for a session message, or with a message to be sent. `too-large`: past
 * `SESSION_MESSAGE_BYTES_MAX`. `unsupported-version`: from a release that speaks another format. `malformed`: not a
 * message. Always the sender's doing; nothing changed; sending the same again is of no use.
 */
export type SessionCodecErrorCode = "too-large" | "unsupported-version" | "malformed";

const SESSION_CODEC_ERROR = Symbol.for("@waggle/swarm-state.SessionCodecError");

/** A session message that could not be read or written. See {@link SessionCodecErrorCode}. */
export class SessionCodecError extends Error {
  override readonly name = "SessionCodecError";
  readonly code: SessionCodecErrorCode;

  constructor(
    code: SessionCodecErrorCode,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, SESSION_CODEC_ERROR, { value: true });
  }
}

/** Whether `error` is a {@link SessionCodecError}, also one of another copy of this package. */
export function isSessionCodecError(error: unknown): error is SessionCodecError {
  return typeof error === "object" && error !== null && SESSION_CODEC_ERROR in error;
}
