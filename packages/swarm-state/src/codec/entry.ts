import { StoreError } from "../errors.ts";
import { decodeUtf8, encodeUtf8, utf8Length } from "../internal/utf8.ts";
import { isPlain, ShapeError } from "../internal/shape.ts";
import { OBJECT_BYTES_MAX, TRANSACTION_BYTES_MAX, TRANSACTION_CHANGES_MAX } from "../limits.ts";
import type { ObjectKind, SwarmObject } from "../objects/object.ts";
import { isObjectKind, validateObject } from "../objects/validate-object.ts";
import { isObjectId } from "../objects/validate-parts.ts";
import type { Change } from "../store.ts";

/** First byte of an entry. Raised when the format changes so that an older release must not guess. */
const ENTRY_VERSION = 1;

/** One change as it travels: a deleted object is only named, since every node has it. */
export type LoggedChange =
  | { readonly type: "create" | "update"; readonly object: SwarmObject }
  | { readonly type: "delete"; readonly kind: ObjectKind; readonly id: string };

/**
 * A transaction as it travels through the log. `after` is the `token` of the entry upon whose effect it was built (0 at
 * the very start); the entry has an effect only where that one was the last to have had one.
 */
export interface LogEntry {
  readonly token: number;
  readonly after: number;
  readonly changes: readonly LoggedChange[];
}

/** Version byte, then JSON in UTF-8. Throws StoreError `too-large`. */
export function encodeEntry(
  token: number,
  after: number,
  changes: readonly Change[],
  bytesMax: number,
): Uint8Array {
  const parts = changes.map((change) => changeText(change));
  const text = `{"token":${token},"after":${after},"changes":[${parts.join(",")}]}`;
  const data = encodeUtf8(text, 1);
  data[0] = ENTRY_VERSION;
  if (data.length > bytesMax)
    throw new StoreError(
      "too-large",
      `the transaction has ${data.length} bytes, more than ${bytesMax}`,
    );
  return data;
}

/** Reads an entry wholly, checking every object. Throws StoreError `damaged`. Objects come frozen, without version. */
export function decodeEntry(data: Uint8Array): LogEntry {
  try {
    return readEntry(data);
  } catch (cause) {
    throw new StoreError("damaged", "a log entry does not decode", { cause });
  }
}

function changeText(change: Change): string {
  const { object } = change;
  if (change.type === "delete")
    return JSON.stringify({ type: change.type, kind: object.kind, id: object.id });
  const text = JSON.stringify({ ...object, version: undefined });
  if (utf8Length(text) > OBJECT_BYTES_MAX)
    throw new StoreError("too-large", `the ${object.kind} has over ${OBJECT_BYTES_MAX} bytes`);
  return `{"type":"${change.type}","object":${text}}`;
}

function readEntry(data: Uint8Array): LogEntry {
  if (data.length > TRANSACTION_BYTES_MAX) throw new ShapeError("entry: too large");
  if (data[0] !== ENTRY_VERSION) throw new ShapeError("entry: of another format");
  const text = decodeUtf8(data, 1);
  if (text === undefined) throw new ShapeError("entry: not UTF-8");
  const value: unknown = JSON.parse(text);
  if (!isPlain(value)) throw new ShapeError("entry: not a record");
  const { token, after, changes } = value;
  if (!isToken(token) || !isToken(after) || token <= after)
    throw new ShapeError("entry: tokens do not grow");
  if (!Array.isArray(changes) || changes.length === 0 || changes.length > TRANSACTION_CHANGES_MAX)
    throw new ShapeError("changes: expected some, not too many");
  return { token, after, changes: changes.map((change) => readChange(change)) };
}

/** Whether `value` may be a token: a safe integer, not negative. */
export function isToken(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function readChange(value: unknown): LoggedChange {
  if (!isPlain(value)) throw new ShapeError("change: not a record");
  const { type, kind, id, object } = value;
  if (type === "delete") {
    if (!isObjectKind(kind) || typeof id !== "string" || !isObjectId(id))
      throw new ShapeError("change: names no object");
    return { type, kind, id };
  }
  if (type !== "create" && type !== "update") throw new ShapeError("change: of unknown type");
  validateObject(object);
  if (!Number.isFinite(object.createdAtMs) || !Number.isFinite(object.updatedAtMs))
    throw new ShapeError("change: an object without times");
  return { type, object };
}
