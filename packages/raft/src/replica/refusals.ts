import { isRaftError } from "@waggle/raft-core";
import { RaftNodeError } from "../errors.ts";

/** The core's refusal in this package's words; anything else is thrown on. */
export function refusalOf(error: unknown): RaftNodeError {
  if (!isRaftError(error)) throw error;
  const { message } = error;
  const { details } = error;
  switch (details.code) {
    case "no-leader":
      return new RaftNodeError("not-leader", message, { cause: error });
    case "not-leader":
      return new RaftNodeError("not-leader", message, { leader: details.leader, cause: error });
    case "transfer-in-progress":
    case "not-a-member":
    case "unsupported-change":
    case "invalid-argument":
      return new RaftNodeError(details.code, message, { cause: error });
    case "not-joint":
    case "no-transferee":
    case "unsupported-transfer":
      return new RaftNodeError("unsupported-change", message, { cause: error });
    case "uncommitted-limit":
    case "read-limit":
    case "change-in-flight":
    case "joint-configuration":
      return new RaftNodeError("overloaded", message, { cause: error });
    case "invalid-message":
    case "out-of-turn":
      throw error;
  }
}
