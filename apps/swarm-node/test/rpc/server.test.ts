import { describe, expect, it } from "vitest";
import { NodeError } from "../../src/errors.ts";
import { RPC_CALLS_IN_FLIGHT_MAX, RPC_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import { decodeRpcResponse, encodeRpc, type RpcResponse } from "../../src/rpc/messages.ts";
import { type RpcHandler, serveRpc } from "../../src/rpc/server.ts";
import { createMemoryPair, frameReader } from "../support/memory-pair.ts";

async function setup(handlers: Record<string, RpcHandler>) {
  const { near, far } = await createMemoryPair();
  const served = serveRpc(far, new Map(Object.entries(handlers)));
  const read = frameReader(near);
  const ask = async (
    id: number,
    method: string,
    params: unknown = null,
  ): Promise<RpcResponse | undefined> => {
    await near.send(encodeRpc({ id, method, params }));
    const frame = await read();
    return frame === undefined ? undefined : decodeRpcResponse(frame);
  };
  const next = async (): Promise<RpcResponse> => decodeRpcResponse((await read())!);
  return { near, served, ask, next };
}

describe("serveRpc", () => {
  it("answers with what the handler returns, and with null for nothing", async () => {
    const { near, ask, served } = await setup({
      double: (params) => Promise.resolve(Number(params) * 2),
      quiet: () => Promise.resolve(undefined),
    });
    expect(await ask(1, "double", 21)).toEqual({ id: 1, result: 42 });
    expect(await ask(2, "quiet")).toEqual({ id: 2, result: null });
    await near.close();
    await served;
  });

  it("tells a handler's error by name, code and text", async () => {
    const { near, ask } = await setup({
      refuse: () => Promise.reject(new NodeError("not-member", "not here")),
      bug: () => Promise.reject(new TypeError("oops")),
      system: () => Promise.reject(Object.assign(new Error("gone"), { code: 7 })),
    });
    expect(await ask(1, "refuse")).toEqual({
      id: 1,
      error: { name: "NodeError", code: "not-member", message: "not here" },
    });
    expect(await ask(2, "bug")).toMatchObject({ error: { name: "TypeError", code: "internal" } });
    expect(await ask(3, "system")).toMatchObject({ error: { code: "internal" } });
    await near.close();
  });

  it("tells of a handler that throws before it returns a promise", async () => {
    const { near, ask } = await setup({
      hasty: () => {
        throw new NodeError("invalid-argument", "no");
      },
    });
    expect(await ask(1, "hasty")).toMatchObject({ error: { code: "invalid-argument" } });
    await near.close();
  });

  it("refuses an unknown method, also one that every object has", async () => {
    const { near, ask } = await setup({});
    expect(await ask(1, "nonesuch")).toMatchObject({ error: { code: "unimplemented" } });
    expect(await ask(2, "constructor")).toMatchObject({ error: { code: "unimplemented" } });
    await near.close();
  });

  it("answers calls as they are done, not in their order", async () => {
    const first = Promise.withResolvers<string>();
    const { near, ask, next } = await setup({
      slow: () => first.promise,
      fast: () => Promise.resolve("fast"),
    });
    await near.send(encodeRpc({ id: 1, method: "slow", params: null }));
    expect(await ask(2, "fast")).toEqual({ id: 2, result: "fast" });
    first.resolve("slow");
    expect(await next()).toEqual({ id: 1, result: "slow" });
    await near.close();
  });

  it("refuses calls beyond its limit and goes on when there is room again", async () => {
    const open = Promise.withResolvers<null>();
    const { near, ask, next } = await setup({ wait: () => open.promise });
    for (let id = 1; id <= RPC_CALLS_IN_FLIGHT_MAX; id += 1) {
      await near.send(encodeRpc({ id, method: "wait", params: null }));
    }
    expect(await ask(9_999, "wait")).toMatchObject({ id: 9_999, error: { code: "unavailable" } });
    open.resolve(null);
    for (let id = 1; id <= RPC_CALLS_IN_FLIGHT_MAX; id += 1) expect((await next()).id).toBe(id);
    expect(await ask(10_000, "wait")).toEqual({ id: 10_000, result: null });
    await near.close();
  });

  it("tells that an answer was too large instead of cutting the connection", async () => {
    const { near, ask } = await setup({
      huge: () => Promise.resolve("x".repeat(RPC_MESSAGE_BYTES_MAX)),
      small: () => Promise.resolve("x"),
    });
    expect(await ask(1, "huge")).toMatchObject({ id: 1, error: { code: "invalid-argument" } });
    expect(await ask(2, "small")).toEqual({ id: 2, result: "x" });
    await near.close();
  });

  it("cuts a connection that sends garbage", async () => {
    const { near, served } = await setup({});
    await near.send(Buffer.from("garbage"));
    await served;
    expect(await near.closed).toMatchObject({ code: "broken" });
  });

  it("bears that the caller goes while a call runs", async () => {
    const open = Promise.withResolvers<null>();
    const { near, served } = await setup({ wait: () => open.promise });
    await near.send(encodeRpc({ id: 1, method: "wait", params: null }));
    near.destroy();
    await served;
    open.resolve(null);
    await open.promise;
  });
});
