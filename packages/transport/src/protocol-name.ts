import { TransportError } from "./errors.ts";
import { PROTOCOL_NAME_LENGTH_MAX } from "./limits.ts";

const pattern = /^[a-z0-9-]+\/[0-9]+$/;

/** Whether a text is a protocol name: lower-case letters, digits and dashes, a slash, a number; e.g. `raft/1`. */
export function isProtocolName(name: string): boolean {
  return name.length <= PROTOCOL_NAME_LENGTH_MAX && pattern.test(name);
}

/** @throws TransportError `invalid-argument` if the text is not a protocol name. */
export function checkProtocolName(name: string): string {
  if (!isProtocolName(name)) {
    throw new TransportError(
      "invalid-argument",
      `a protocol name looks like "raft/1" and has at most ${PROTOCOL_NAME_LENGTH_MAX} characters`,
      { limit: PROTOCOL_NAME_LENGTH_MAX, actual: name.length },
    );
  }
  return name;
}
