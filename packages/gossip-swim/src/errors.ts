/**
 * What went wrong.
 *
 * | code | caused by | has anything changed | retry |
 * |---|---|---|---|
 * | `invalid-argument` | the caller | nothing | no |
 * | `no-peers` | no address of `join` answered | the addresses are remembered and tried again in the background | as the caller likes |
 * | `not-running` | the caller: before `start`, after `stop` or `leave` | nothing | on a new instance |
 * | `aborted` | the caller's signal | what was begun goes on in the background | as the caller likes |
 */
export type SwimErrorCode = "invalid-argument" | "no-peers" | "not-running" | "aborted";

const brand = Symbol.for("@waggle/gossip-swim.SwimError");

/** The error of the membership API; see {@link SwimErrorCode}. */
export class SwimError extends Error {
  override readonly name = "SwimError";
  readonly code: SwimErrorCode;

  constructor(code: SwimErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether a value is a {@link SwimError}, also one of another copy of this package. */
export function isSwimError(value: unknown): value is SwimError {
  return typeof value === "object" && value !== null && Reflect.get(value, brand) === true;
}

/**
 * Why bytes could not be decoded. Always caused by the sender (or by damage on the way); nothing has changed; the same
 * bytes will never be accepted.
 *
 * `truncated`: the bytes end too early · `malformed`: a field is out of its range, or bytes are left over ·
 * `unsupported`: another version or message kind · `too-large`: a limit is passed.
 */
export type CodecErrorCode = "truncated" | "malformed" | "unsupported" | "too-large";

const codecBrand = Symbol.for("@waggle/gossip-swim.CodecError");

/** The only error that decoding throws. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, codecBrand, { value: true });
  }
}

/** Whether a value is a {@link CodecError}, also one of another copy of this package. */
export function isCodecError(value: unknown): value is CodecError {
  return typeof value === "object" && value !== null && Reflect.get(value, codecBrand) === true;
}
