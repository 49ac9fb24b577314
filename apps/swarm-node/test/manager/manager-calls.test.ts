import {
  CONTROL_WRITES,
  createControlApi,
  createLeaderDesk,
  LEADER_CALLS,
  type LeaderPort,
} from "@waggle/swarm-manager";
import { describe, expect, it } from "vitest";
import { createManagerCalls } from "../../src/manager/manager-calls.ts";
import { createLocalStore, nodeId } from "../support/local-store.ts";

function setup() {
  const store = createLocalStore();
  const control = createControlApi({
    store,
    barrier: () => Promise.resolve(),
    managers: () => new Map(),
    membership: { canRemoveManager: () => false },
    newId: () => nodeId(99),
  });
  const announced: unknown[] = [];
  const desk: LeaderPort = {
    ...createLeaderDesk({
      store,
      sessions: { sessionOpened: () => undefined, sessionClosed: () => undefined } as never,
      now: () => 0,
    }),
    announceSessions: (announcement) => {
      announced.push(announcement);
      return Promise.resolve();
    },
  };
  return { calls: createManagerCalls(control, desk), announced };
}

describe("the calls between managers", () => {
  it("are the control writes and the leader's calls, nothing else", () => {
    const { calls } = setup();
    expect([...calls.handlers.keys()].sort()).toEqual([...CONTROL_WRITES, ...LEADER_CALLS].sort());
  });

  it("reach the leader's desk, from here as from elsewhere", async () => {
    const { calls, announced } = setup();
    const announcement = { managerId: nodeId(1), sessions: [] };
    await calls.carryOut("announceSessions", announcement);
    await calls.handlers.get("announceSessions")!(announcement);
    expect(announced).toEqual([announcement, announcement]);
  });

  it("refuse parameters that are none", async () => {
    const { calls } = setup();
    for (const [method, handler] of calls.handlers) {
      await expect(handler({ garbage: method }), method).rejects.toMatchObject({
        name: "ControlError",
        code: "invalid-argument",
      });
    }
  });

  it("refuse an unknown name, and reads", async () => {
    const { calls } = setup();
    for (const method of ["nonesuch", "getCluster", "constructor"]) {
      await expect(calls.carryOut(method, null)).rejects.toMatchObject({ code: "unimplemented" });
    }
  });
});
