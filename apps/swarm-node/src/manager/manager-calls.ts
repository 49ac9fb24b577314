import {
  type ControlApi,
  CONTROL_WRITES,
  dispatchControlCall,
  dispatchLeaderCall,
  LEADER_CALLS,
  type LeaderPort,
} from "@waggle/swarm-manager";
import type { RpcHandler } from "../rpc/server.ts";

/** What managers ask of the leader: control calls of users, and what dispatchers report. */
export interface ManagerCalls {
  readonly handlers: ReadonlyMap<string, RpcHandler>;
  /** A call by name, here: the leader's own calls take the same way as those of others. */
  carryOut(method: string, params: unknown): Promise<unknown>;
}

export function createManagerCalls(control: ControlApi, desk: LeaderPort): ManagerCalls {
  const handlers = new Map<string, RpcHandler>();
  for (const method of CONTROL_WRITES) {
    handlers.set(method, (params) => dispatchControlCall(control, method, params));
  }
  for (const method of LEADER_CALLS) {
    handlers.set(method, (params) => dispatchLeaderCall(desk, method, params));
  }
  return {
    handlers,
    // An unknown name is refused by the dispatch itself.
    carryOut: (method, params) =>
      handlers.get(method)?.(params) ?? dispatchControlCall(control, method, params),
  };
}
