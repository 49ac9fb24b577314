import { type Connection, parseAddress, TransportError } from "@waggle/transport";
import { createMemoryNetwork } from "@waggle/transport/memory";
import { describe, expect, it } from "vitest";
import { type JoinOptions, requestJoin } from "../../src/join/client.ts";
import { decodeJoinMessage, encodeJoinMessage, type JoinMessage } from "../../src/join/messages.ts";
import { frameReader } from "../support/memory-pair.ts";
import { ACCEPTED_MANAGER, ACCEPTED_WORKER, JOIN } from "./messages.ts";

type Answers = (heard: JoinMessage, connection: Connection) => JoinMessage | undefined;

/** Managers that answer as told, by host name; all listen on port 1. */
async function setup(managers: Readonly<Record<string, Answers>>) {
  const network = createMemoryNetwork();
  const heard: string[] = [];
  for (const [host, answer] of Object.entries(managers)) {
    const serve = async (connection: Connection): Promise<void> => {
      const read = frameReader(connection);
      for (let frame = await read(); frame !== undefined; frame = await read()) {
        const message = decodeJoinMessage(frame);
        heard.push(`${host}: ${message.type}`);
        const reply = answer(message, connection);
        if (reply !== undefined) await connection.send(encodeJoinMessage(reply));
      }
    };
    await network.transport(host).listen({
      address: { host, port: 1 },
      onConnection: (connection) => {
        serve(connection).catch(() => undefined);
      },
    });
  }
  const joiner = network.transport("joiner");
  const abort = new AbortController();
  const options = (...hosts: string[]): JoinOptions => ({
    remotes: hosts.map((host) => ({ host, port: 1 })),
    dial: (to, signal) => joiner.dial(to, { protocol: "join/1", signal }),
    parseAddress,
    request: { availability: "active", hostname: "machine", address: "10.0.0.9:2377" },
    signal: abort.signal,
  });
  return { network, heard, options, abort, connectionEnds: () => network.stats().connectionEnds };
}

const cut: Answers = (_message, connection) => {
  connection.destroy();
  return undefined;
};
const accept: Answers = () => ACCEPTED_WORKER;
const redirectTo =
  (address: string): Answers =>
  () => ({ type: "redirect", address });
const refuse =
  (code: string, message = "no"): Answers =>
  () => ({ type: "refused", code, message });

describe("requestJoin", () => {
  it("says who it is and hands back what the manager answered", async () => {
    const messages: JoinMessage[] = [];
    const { options, connectionEnds } = await setup({
      a: (message) => {
        messages.push(message);
        return ACCEPTED_WORKER;
      },
    });
    const join = await requestJoin(options("a"));
    expect(join.answer).toEqual(ACCEPTED_WORKER);
    expect(messages).toEqual([JOIN]);
    await join.close();
    expect(connectionEnds()).toBe(0);
  });

  it("follows a redirect to the leader", async () => {
    const { options, heard } = await setup({ a: redirectTo("b:1"), b: accept });
    const join = await requestJoin(options("a"));
    expect(heard).toEqual(["a: join", "b: join"]);
    await join.close();
  });

  it("does not follow redirects for ever", async () => {
    const { options, heard, connectionEnds } = await setup({
      a: redirectTo("b:1"),
      b: redirectTo("a:1"),
    });
    await expect(requestJoin(options("a"))).rejects.toMatchObject({ code: "unavailable" });
    expect(heard.length).toBeLessThanOrEqual(6);
    expect(connectionEnds()).toBe(0);
  });

  it("bears a redirect to nowhere and asks the next remote", async () => {
    const { options } = await setup({
      a: redirectTo("no address"),
      b: redirectTo("gone:1"),
      c: accept,
    });
    const join = await requestJoin(options("a", "b", "c"));
    await join.close();
  });

  it("asks the next remote when one does not answer, and names the last failure", async () => {
    const { options, heard } = await setup({ b: refuse("unavailable", "no leader"), c: accept });
    const join = await requestJoin(options("a", "b", "c"));
    expect(heard).toEqual(["b: join", "c: join"]);
    await join.close();
    await expect(requestJoin(options("b", "a"))).rejects.toMatchObject({
      name: "NodeError",
      code: "unavailable",
      message: expect.stringContaining("no manager answers at a:1") as string,
    });
  });

  it("does not ask others what one has refused for good", async () => {
    const { options, heard } = await setup({ a: refuse("invalid-argument", "bad"), b: accept });
    await expect(requestJoin(options("a", "b"))).rejects.toMatchObject({
      code: "invalid-argument",
      message: "bad",
    });
    expect(heard).toEqual(["a: join"]);
  });

  it("takes a refusal with a code that it does not know as one that may pass", async () => {
    const { options } = await setup({ a: refuse("no-leader", "wait") });
    await expect(requestJoin(options("a"))).rejects.toMatchObject({
      code: "unavailable",
      message: "wait",
    });
  });

  it("says that the token is wrong when the manager does not accept it", async () => {
    const { options } = await setup({});
    const dial = (): Promise<never> =>
      Promise.reject(new TransportError("unauthenticated", "no such key"));
    await expect(requestJoin({ ...options("a"), dial })).rejects.toMatchObject({
      code: "bad-token",
      message: "invalid join token: a:1 did not accept it",
    });
  });

  it("needs a remote", async () => {
    const { options } = await setup({});
    await expect(requestJoin(options())).rejects.toMatchObject({ code: "invalid-argument" });
  });

  it.each<[string, Answers]>([
    ["hangs up", (_message, connection) => void connection.close()],
    ["dies", cut],
    ["sends garbage", (_message, connection) => void connection.send(Buffer.from("garbage"))],
    ["answers with something else", () => ({ type: "complete" })],
  ])(
    "refuses with an error of its own when the manager %s, and keeps no connection",
    async (_what, answer) => {
      const { options, connectionEnds } = await setup({ a: answer });
      await expect(requestJoin(options("a"))).rejects.toMatchObject({
        name: "NodeError",
        code: expect.stringMatching(/^(unavailable|protocol)$/) as string,
      });
      expect(connectionEnds()).toBe(0);
    },
  );

  it("ends with a timeout of its own, and asks nobody else, when its time is over", async () => {
    const asked = Promise.withResolvers<undefined>();
    const { options, abort, heard, connectionEnds } = await setup({
      a: () => {
        asked.resolve(undefined);
        return undefined;
      },
      b: accept,
    });
    const join = requestJoin(options("a", "b"));
    await asked.promise;
    abort.abort();
    await expect(join).rejects.toMatchObject({
      name: "NodeError",
      code: "timeout",
      message: expect.stringContaining("Timeout was reached before node joined") as string,
    });
    expect(heard).toEqual(["a: join"]);
    expect(connectionEnds()).toBe(0);
  });
});

describe("an accepted join of a manager", () => {
  const acceptThen =
    (then: Answers): Answers =>
    (message, connection) =>
      message.type === "join" ? ACCEPTED_MANAGER : then(message, connection);

  it("is complete when the manager says so", async () => {
    const { options, heard } = await setup({ a: acceptThen(() => ({ type: "complete" })) });
    const join = await requestJoin(options("a"));
    expect(await join.ready()).toBe("complete");
    expect(heard).toEqual(["a: join", "a: ready"]);
    await join.close();
  });

  it("fails with the manager's reason when that refuses", async () => {
    const { options } = await setup({ a: acceptThen(refuse("invalid-argument", "out of reach")) });
    const join = await requestJoin(options("a"));
    await expect(join.ready()).rejects.toMatchObject({
      code: "invalid-argument",
      message: "out of reach",
    });
  });

  it.each<[string, Answers]>([
    ["hangs up", (_message, connection) => void connection.close()],
    ["dies", cut],
  ])(
    "is lost, not refused, when the manager %s: it may have let this node in",
    async (_what, then) => {
      const { options } = await setup({ a: acceptThen(then) });
      const join = await requestJoin(options("a"));
      expect(await join.ready()).toBe("lost");
    },
  );

  it("is lost when the time is over", async () => {
    const { options, abort } = await setup({ a: acceptThen(() => undefined) });
    const join = await requestJoin(options("a"));
    abort.abort();
    expect(await join.ready()).toBe("lost");
    await join.close();
  });

  it("fails when the manager is gone before it was asked", async () => {
    const connections: Connection[] = [];
    const { options } = await setup({
      a: (_message, connection) => {
        connections.push(connection);
        return ACCEPTED_MANAGER;
      },
    });
    const join = await requestJoin(options("a"));
    connections[0]!.destroy();
    await connections[0]!.closed;
    await Promise.resolve();
    await expect(join.ready()).rejects.toMatchObject({ name: "NodeError", code: "unavailable" });
  });
});
