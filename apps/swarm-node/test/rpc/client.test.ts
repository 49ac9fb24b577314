import type { Connection } from "@waggle/transport";
import { afterEach, describe, expect, it } from "vitest";
import { NodeError } from "../../src/errors.ts";
import { RPC_CALLS_IN_FLIGHT_MAX, RPC_MESSAGE_BYTES_MAX } from "../../src/limits.ts";
import { createRpcClient, type RpcClient } from "../../src/rpc/client.ts";
import { encodeRpc } from "../../src/rpc/messages.ts";
import { serveRpc } from "../../src/rpc/server.ts";
import { createMemoryServer, frameReader, settle } from "../support/memory-pair.ts";

const never = new Promise<never>(() => undefined);

describe("an RPC client", () => {
  const started: { close(): unknown }[] = [];
  const own = <T extends { close(): unknown }>(part: T): T => {
    started.push(part);
    return part;
  };
  afterEach(async () => {
    for (const part of started.splice(0).reverse()) await part.close();
  });

  /** A client of a server that answers as told. */
  async function setup(onConnection?: (connection: Connection) => void) {
    const server = own(await createMemoryServer(onConnection));
    let dials = 0;
    const client = own(
      createRpcClient(() => {
        dials += 1;
        return server.dial();
      }),
    );
    return { server, client, dials: () => dials };
  }

  const serving = (connection: Connection): void => {
    const handlers = new Map([
      ["echo", (params: unknown) => Promise.resolve(params)],
      ["refuse", () => Promise.reject(new NodeError("not-member", "not here"))],
      ["hang", () => never],
    ]);
    void serveRpc(connection, handlers);
  };

  it("dials at the first call only, and uses the connection for all", async () => {
    const { client, dials } = await setup(serving);
    expect(dials()).toBe(0);
    const answers = await Promise.all([1, 2, 3].map((n) => client.call("echo", { n })));
    expect(answers).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(dials()).toBe(1);
  });

  it("throws what the other side answered, with its code", async () => {
    const { client } = await setup(serving);
    await expect(client.call("refuse", null)).rejects.toMatchObject({
      name: "RemoteError",
      remoteName: "NodeError",
      code: "not-member",
      message: "not here",
    });
  });

  it("says that nothing was sent when nobody can be dialled, and dials again for the next", async () => {
    const server = own(await createMemoryServer(serving));
    let dials = 0;
    const client = own(
      createRpcClient(() => {
        dials += 1;
        return dials === 1 ? Promise.reject(new NodeError("unavailable", "away")) : server.dial();
      }),
    );
    await expect(client.call("echo", 1)).rejects.toMatchObject({
      name: "RpcLostError",
      code: "unavailable",
      sent: false,
    });
    expect(await client.call("echo", 2)).toBe(2);
  });

  it("says that a call may have been carried out when the connection goes before the answer", async () => {
    const { server, client, dials } = await setup();
    const calls = [client.call("a", null), client.call("b", null)];
    const results = Promise.allSettled(calls);
    await settle();
    server.accepted[0]?.destroy();
    for (const result of await results) {
      expect(result).toMatchObject({
        status: "rejected",
        reason: { name: "RpcLostError", sent: true },
      });
    }
    const again = client.call("c", null);
    again.catch(() => undefined);
    await settle();
    expect(dials()).toBe(2);
  });

  it("gives up a call when its caller does", async () => {
    const { client } = await setup();
    const giveUp = new AbortController();
    const call = client.call("slow", null, { signal: giveUp.signal });
    await settle();
    giveUp.abort();
    await expect(call).rejects.toMatchObject({ code: "timeout" });
    await expect(client.call("late", null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "timeout",
    });
  });

  it("gives up a call that is not answered in time, and ignores the answer that comes too late", async () => {
    const { server, client } = await setup();
    await expect(client.call("slow", null, { timeoutMs: 5 })).rejects.toMatchObject({
      name: "NodeError",
      code: "timeout",
    });
    const far = server.accepted[0]!;
    const read = frameReader(far);
    await read();
    const next = client.call("next", null);
    await read();
    await far.send(encodeRpc({ id: 1, result: "too late" }));
    await far.send(encodeRpc({ id: 2, result: "in time" }));
    expect(await next).toBe("in time");
  });

  it("drops a connection on which garbage comes, and the calls on it", async () => {
    const { server, client } = await setup();
    const call = client.call("a", null);
    const result = expect(call).rejects.toMatchObject({
      sent: true,
      cause: { name: "NodeError", code: "protocol" },
    });
    await settle();
    await server.accepted[0]!.send(Buffer.from("garbage"));
    await result;
    expect(await server.accepted[0]!.closed).toMatchObject({ code: "broken" });
  });

  it("refuses calls beyond its limit, those included that wait for the dial", async () => {
    const dialled = Promise.withResolvers<Connection>();
    const client: RpcClient = createRpcClient(() => dialled.promise);
    const calls = Array.from({ length: RPC_CALLS_IN_FLIGHT_MAX }, () => client.call("hang", null));
    const waiting = Promise.allSettled(calls);
    await expect(client.call("one too many", null)).rejects.toMatchObject({ code: "unavailable" });
    dialled.reject(new NodeError("unavailable", "away"));
    await waiting;
    await expect(client.call("again", null)).rejects.toMatchObject({ sent: false });
  });

  it("refuses a call that is too large, and nothing of it is left", async () => {
    const { server, client } = await setup(serving);
    const params = "x".repeat(RPC_MESSAGE_BYTES_MAX);
    await expect(client.call("echo", params)).rejects.toMatchObject({ code: "invalid-argument" });
    expect(await client.call("echo", 1)).toBe(1);
    // A leftover would be rejected now, with nobody to hear it, and fail the run.
    server.accepted[0]!.destroy();
    await settle();
  });

  it("ends its calls and refuses new ones when it is closed", async () => {
    const { client } = await setup(serving);
    const hanging = expect(client.call("hang", null)).rejects.toMatchObject({ sent: true });
    await settle();
    client.close();
    await hanging;
    await expect(client.call("echo", 1)).rejects.toMatchObject({ sent: false });
  });

  it("closes a connection that comes up after it was closed", async () => {
    const server = own(await createMemoryServer());
    const gate = Promise.withResolvers<undefined>();
    const client = createRpcClient(() => gate.promise.then(() => server.dial()));
    const call = expect(client.call("late", null)).rejects.toMatchObject({ name: "RpcLostError" });
    client.close();
    gate.resolve(undefined);
    await call;
    await server.accepted[0]!.closed;
  });
});
