import { ControlError } from "@waggle/swarm-manager";
import { isNodeTimeout, messageOf } from "../errors.ts";
import { createRpcClient, RemoteError, type RpcClient, RpcLostError } from "../rpc/client.ts";
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
  call(method: string, params: unknown): Promise<unknown>;
  close(): void;
}

export function createLeaderClient(options: LeaderClientOptions): LeaderClient {
  const clients = new Map<number, RpcClient>();
  const clientOf = (raftId: number): RpcClient => {
    const known = clients.get(raftId);
    if (known !== undefined) return known;
    const client = createRpcClient(() => options.dial(raftId));
    clients.set(raftId, client);
    return client;
  };
  return {
    call: async (method, params) => {
      const leader = options.leader();
      if (leader === undefined)
        throw new ControlError("no-leader", "The swarm does not have a leader");
      if (options.isSelf(leader)) return options.local(method, params);
      try {
        return await clientOf(leader).call(method, params);
      } catch (error) {
        throw toControlError(error);
      }
    },
    close: () => {
      for (const client of clients.values()) client.close();
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
