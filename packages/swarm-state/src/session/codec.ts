import { SessionCodecError } from "../errors.ts";
import { assertPlain } from "../internal/plain.ts";
import { ShapeError } from "../internal/shape.ts";
import { decodeUtf8, encodeUtf8 } from "../internal/utf8.ts";
import { SESSION_MESSAGE_BYTES_MAX, SESSION_VALUES_MAX } from "../limits.ts";
import type { AgentMessage, DispatcherMessage } from "./messages.ts";
import { validateAgentMessage, validateDispatcherMessage } from "./validate-messages.ts";

/** First byte of a message. Raised when the format changes so that an older release must not guess. */
const SESSION_VERSION = 1;

/**
 * A message of an agent as bytes: a version byte, then JSON in UTF-8. Changes nothing.
 * @throws SessionCodecError `too-large` past `SESSION_MESSAGE_BYTES_MAX`; `malformed` for a message that breaks its
 * type: what is sent can be read.
 */
export function encodeAgentMessage(message: AgentMessage): Uint8Array {
  return encode(message, validateAgentMessage);
}

/**
 * The message in `data`, checked field by field; fields of later releases are kept. Total: any bytes give a message or
 * an error.
 * @throws SessionCodecError
 */
export function decodeAgentMessage(data: Uint8Array): AgentMessage {
  const value = parse(data);
  checking(value, validateAgentMessage);
  return value as AgentMessage;
}

/** As {@link encodeAgentMessage}, for the manager's side. @throws SessionCodecError */
export function encodeDispatcherMessage(message: DispatcherMessage): Uint8Array {
  return encode(message, validateDispatcherMessage);
}

/** As {@link decodeAgentMessage}, for the manager's side. @throws SessionCodecError */
export function decodeDispatcherMessage(data: Uint8Array): DispatcherMessage {
  const value = parse(data);
  checking(value, validateDispatcherMessage);
  return value as DispatcherMessage;
}

function encode(message: object, validate: (value: unknown) => void): Uint8Array {
  checking(message, validate);
  const data = encodeUtf8(JSON.stringify(message), 1);
  data[0] = SESSION_VERSION;
  assertSize(data);
  return data;
}

function parse(data: Uint8Array): unknown {
  assertSize(data);
  if (data.length === 0) throw new SessionCodecError("malformed", "an empty message");
  if (data[0] !== SESSION_VERSION)
    throw new SessionCodecError("unsupported-version", `a message of format ${data[0] ?? 0}`);
  const text = decodeUtf8(data, 1);
  if (text === undefined) throw new SessionCodecError("malformed", "a message that is not UTF-8");
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SessionCodecError("malformed", "a message that is not JSON", { cause });
  }
}

function checking(value: unknown, validate: (value: unknown) => void): void {
  try {
    assertPlain(value, SESSION_VALUES_MAX);
    validate(value);
  } catch (cause) {
    if (!(cause instanceof ShapeError)) throw cause;
    throw new SessionCodecError("malformed", `a malformed message: ${cause.message}`, { cause });
  }
}

function assertSize(data: Uint8Array): void {
  if (data.length <= SESSION_MESSAGE_BYTES_MAX) return;
  throw new SessionCodecError(
    "too-large",
    `a message of ${data.length} bytes, more than ${SESSION_MESSAGE_BYTES_MAX}`,
  );
}
