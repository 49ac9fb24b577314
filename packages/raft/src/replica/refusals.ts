import { isRaftError } from "@waggle/raft-core";
import { RaftNodeError } from "../errors.ts";

/** The core's refusal in this package's words; anything else is thrown on. */
export function refusalOf(error: unknown): RaftNodeError {
  if (!isRaftError(error)) throw error;
  const { message } = error;
  switch (error.code) {
    case "no-leader":
    case "not-leader":
      return new RaftNodeError("not-leader", message, { cause: error });
    case "transfer-in-progress":
    case "not-a-member":
    case "unsupported-change":
    case "invalid-argument":
      return new RaftNodeError(error.code, message, { cause: error });
    case "uncommitted-limit":
    case "read-limit":
    case "change-in-flight":
      return new RaftNodeError("overloaded", message, { cause: error });
    case "invalid-message":
    case "out-of-turn":
      throw error;
  }
}
