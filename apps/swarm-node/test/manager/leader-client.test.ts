import { ControlError } from "@waggle/swarm-manager";
import type { Connection } from "@waggle/transport";
import { afterEach, describe, expect, it } from "vitest";
import { NodeError } from "../../src/errors.ts";
import { PAST_LEADERS_MAX } from "../../src/limits.ts";
import { createLeaderClient, type LeaderClient } from "../../src/manager/leader-client.ts";
import { type RpcHandler, serveRpc } from "../../src/rpc/server.ts";
import { createMemoryServer, type MemoryServer, settle } from "../support/memory-pair.ts";

const SELF = 1;

describe("a leader client", () => {
  let client: LeaderClient | undefined;
  let server: MemoryServer | undefined;
  afterEach(async () => {
    client?.close();
    await server?.close();
  });

  async function setup(handlers: Readonly<Record<string, RpcHandler>> = {}) {
    server = await createMemoryServer((connection) => {
      void serveRpc(connection, new Map(Object.entries(handlers)));
    });
    const { dial, accepted } = server;
    const state: { leader: number | undefined; dial: () => Promise<Connection> } = {
      leader: 2,
      dial,
    };
    const dialled: number[] = [];
    client = createLeaderClient({
      leader: () => state.leader,
      isSelf: (raftId) => raftId === SELF,
      dial: (raftId) => {
        dialled.push(raftId);
        return state.dial();
      },
      local: (method, params) => Promise.resolve({ local: method, params }),
    });
    return { client, state, dialled, accepted };
  }

  it("has nobody to ask while nobody leads", async () => {
    const { client: leader, state, dialled } = await setup();
    state.leader = undefined;
    await expect(leader.call("m", 1)).rejects.toMatchObject({
      name: "ControlError",
      code: "no-leader",
    });
    expect(dialled).toEqual([]);
  });

  it("carries out here what is asked while this manager leads", async () => {
    const { client: leader, state, dialled } = await setup();
    state.leader = SELF;
    expect(await leader.call("m", 1)).toEqual({ local: "m", params: 1 });
    expect(dialled).toEqual([]);
  });

  it("asks the leader, over one connection as long as it leads", async () => {
    const { client: leader, dialled } = await setup({ echo: (params) => Promise.resolve(params) });
    expect(await leader.call("echo", 1)).toBe(1);
    expect(await leader.call("echo", 2)).toBe(2);
    expect(dialled).toEqual([2]);
  });

  it("gives a control error on as it was thrown there", async () => {
    const { client: leader } = await setup({
      refuse: () => Promise.reject(new ControlError("out-of-sequence", "update out of sequence")),
    });
    await expect(leader.call("refuse", null)).rejects.toMatchObject({
      name: "ControlError",
      code: "out-of-sequence",
      message: "update out of sequence",
    });
  });

  it("takes an error that it does not know for an outcome that it does not know", async () => {
    const { client: leader } = await setup({ bug: () => Promise.reject(new TypeError("oops")) });
    await expect(leader.call("bug", null)).rejects.toMatchObject({ code: "unknown-outcome" });
  });

  it("knows that nothing was done when the leader cannot be reached", async () => {
    const { client: leader, state } = await setup();
    state.dial = () => Promise.reject(new NodeError("unavailable", "away"));
    await expect(leader.call("m", null)).rejects.toMatchObject({
      name: "ControlError",
      code: "unavailable",
      message: expect.stringContaining("the leader cannot be reached") as string,
    });
  });

  it("does not know what was done when the leader is lost before it answers", async () => {
    const { client: leader, accepted } = await setup({ hang: () => new Promise(() => undefined) });
    const call = expect(leader.call("hang", null)).rejects.toMatchObject({
      name: "ControlError",
      code: "unknown-outcome",
      message: expect.stringContaining("look before you repeat it") as string,
    });
    await settle();
    accepted[0]!.destroy();
    await call;
  });

  it("keeps a bounded number of connections, however often leadership moves", async () => {
    const { client: leader, state, accepted } = await setup({ m: () => Promise.resolve(null) });
    const leaders = 3 * PAST_LEADERS_MAX;
    let open = 0;
    for (let raftId = 2; raftId < 2 + leaders; raftId += 1) {
      state.leader = raftId;
      await leader.call("m", null);
      open += 1;
      void accepted.at(-1)!.closed.then(() => {
        open -= 1;
      });
    }
    await settle();
    expect(accepted).toHaveLength(leaders);
    expect(open).toBe(PAST_LEADERS_MAX + 1);
  });

  it("does not close the leader that it asks again and again", async () => {
    const { client: leader, state, dialled } = await setup({ m: () => Promise.resolve(null) });
    for (let raftId = 3; raftId < 3 * PAST_LEADERS_MAX; raftId += 1) {
      for (const next of [2, raftId]) {
        state.leader = next;
        await leader.call("m", null);
      }
    }
    expect(dialled.filter((raftId) => raftId === 2)).toHaveLength(1);
  });

  it("dials nobody once it is closed", async () => {
    const { client: leader, dialled } = await setup();
    leader.close();
    await expect(leader.call("m", null)).rejects.toMatchObject({
      name: "ControlError",
      code: "unavailable",
    });
    expect(dialled).toEqual([]);
  });
});
