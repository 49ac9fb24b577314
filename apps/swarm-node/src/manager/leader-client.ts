import { ControlError } from "@waggle/swarm-manager";
import { isNodeTimeout, messageOf } from "../errors.ts";
import {
  createRpcClient,
  RemoteError,
  type RpcCallOptions,
  type RpcClient,
  RpcLostError,
} from "../rpc/client.ts";
import { PAST_LEADERS_MAX } from "../limits.ts";
import type { Connection } from "@waggle/transport";

/** Who leads, as far as this manager knows. */
export interface LeaderView {
  /** Raft id of the leader; `undefined` while nobody is known to lead. */
  leader(): number | undefined;
  isSelf(raftId: number): boolean;
}

export interface LeaderClientOptions extends LeaderView {
  readonly dial: (raftId: number) => Promise<Connection>;
  /** Carries a call out here, when this manager leads. */
  readonly local: (method: string, params: unknown) => Promise<unknown>;
}

/** Calls whoever leads. @throws ControlError, on every call. */
export interface LeaderClient {
  call(method: string, params: unknown, options?: RpcCallOptions): Promise<unknown>;
  close(): void;
}

export function createLeaderClient(options: LeaderClientOptions): LeaderClient {
  /** In the order in which they became leaders: the present one last. */
  const clients = new Map<number, RpcClient>();
  let closed = false;
  const clientOf = (raftId: number): RpcClient => {
    if (closed) throw new ControlError("unavailable", "this manager is stopping");
    const client = clients.get(raftId) ?? createRpcClient(() => options.dial(raftId));
    clients.delete(raftId);
    clients.set(raftId, client);
    const [oldest] = clients.keys();
    if (clients.size > PAST_LEADERS_MAX + 1 && oldest !== undefined) {
      clients.get(oldest)?.close();
      clients.delete(oldest);
    }
    return client;
  };
  return {
    call: async (method, params, callOptions = {}) => {
      const leader = options.leader();
      if (leader === undefined)
        throw new ControlError("no-leader", "The swarm does not have a leader");
      if (options.isSelf(leader)) return options.local(method, params);
      const client = clientOf(leader);
      try {
        return await client.call(method, params, callOptions);
      } catch (error) {
        throw toControlError(error);
      }
    },
    close: () => {
      closed = true;
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

function toControlError(error: unknown): ControlError {
  if (error instanceof RemoteError) return ControlError.fromJSON(error);
  const maybeDone = isNodeTimeout(error) || (error instanceof RpcLostError && error.sent);
  return new ControlError(
    maybeDone ? "unknown-outcome" : "unavailable",
    maybeDone
      ? `the leader did not answer: ${messageOf(error)}. It may have carried the call out: look before you repeat it.`
      : `the leader cannot be reached: ${messageOf(error)}`,
    { cause: error },
  );
}
