const BRAND = Symbol.for("@waggle/raft-core.CodecError");

/**
 * Why bytes are not a value of the wanted kind. Always caused by whoever wrote the bytes; decoding them again is of no use.
 *
 * - `truncated`: the bytes end inside a field.
 * - `unsafe-integer`: a number is beyond 2^53 - 1, or an unknown one beyond 64 bits.
 * - `wire-type`: a field has another wire type than the format gives it, an unknown one, or an impossible number.
 * - `unknown-value`: a message type, entry type or other enumeration value that does not travel between members, or a node
 *   that `WideIds` does not know.
 * - `missing-field`: a part without which the value makes no sense is not there.
 * - `out-of-range`: an election priority beyond `PRIORITY_MAX`.
 * - `limit`: more repeated elements, or groups within groups, than allowed.
 */
export type CodecErrorCode =
  | "truncated"
  | "unsafe-integer"
  | "wire-type"
  | "unknown-value"
  | "missing-field"
  | "out-of-range"
  | "limit";

/** Bytes that could not be decoded. */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string) {
    super(message);
    this.code = code;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Says whether `value` is a {@link CodecError}, also one of another copy of this package. */
export function isCodecError(value: unknown): value is CodecError {
  return typeof value === "object" && value !== null && Reflect.get(value, BRAND) === true;
}
