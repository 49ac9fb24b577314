import { isRaftError } from "../../../src/index.ts";
import { CommandError } from "./output.ts";

/** What a proposal may be refused for, all told alike by the reference. */
const DROPPED = new Set<string>([
  "no-leader",
  "not-leader",
  "transfer-in-progress",
  "uncommitted-limit",
  "not-a-member",
]);

/** Proposes; a refusal is the text of the answer. */
export function proposing(propose: () => void): void {
  try {
    propose();
  } catch (error) {
    if (isRaftError(error) && DROPPED.has(error.code))
      throw new CommandError("raft proposal dropped");
    throw error;
  }
}
