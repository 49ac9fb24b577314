import type { CallOptions } from "../node.ts";
import type { Replica } from "./replica.ts";
import { RaftNodeError } from "../errors.ts";

/** Whether a call may go on. @throws RaftNodeError `stopped`, `aborted` (refused). */
export function checkCall(replica: Pick<Replica, "state">, { signal }: CallOptions): void {
  if (replica.state !== "running") throw new RaftNodeError("stopped", "the node is stopped");
  if (signal?.aborted !== true) return;
  const cause: unknown = signal.reason;
  throw new RaftNodeError("aborted", "the caller aborted the change", { cause });
}
