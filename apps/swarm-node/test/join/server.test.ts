import { afterEach, describe, expect, it, vi } from "vitest";
import { NodeError } from "../../src/errors.ts";
import { decodeJoinMessage, encodeJoinMessage, type JoinMessage } from "../../src/join/messages.ts";
import { type JoinDesk, serveJoin } from "../../src/join/server.ts";
import { JOIN_TIMEOUT_MS } from "../../src/limits.ts";
import { createMemoryPair, frameReader } from "../support/memory-pair.ts";
import { ACCEPTED_MANAGER, ACCEPTED_WORKER, JOIN } from "./messages.ts";

/** A joiner's side of one conversation with a desk that writes down what it is asked. */
async function setup(role: "worker" | "manager", changes: Partial<JoinDesk> = {}) {
  const { near, far } = await createMemoryPair();
  const asked: string[] = [];
  const plain: JoinDesk = {
    leaderElsewhere: () => undefined,
    register: (given) => Promise.resolve(given === "manager" ? ACCEPTED_MANAGER : ACCEPTED_WORKER),
    activate: () => Promise.resolve("member"),
    withdraw: () => Promise.resolve(),
    ...changes,
  };
  const desk: JoinDesk = {
    leaderElsewhere: () => plain.leaderElsewhere(),
    register: (given, request) => {
      asked.push(`register ${given} ${request.hostname}`);
      return plain.register(given, request);
    },
    activate: (joiner, request) => {
      asked.push(`activate ${joiner.manager?.raftId ?? 0} ${request.address}`);
      return plain.activate(joiner, request);
    },
    withdraw: (joiner) => {
      asked.push("withdraw");
      return plain.withdraw(joiner);
    },
  };
  const served = serveJoin(far, role, desk);
  const read = frameReader(near);
  return {
    near,
    asked,
    served,
    say: (message: JoinMessage) => near.send(encodeJoinMessage(message)),
    hear: async () => {
      const frame = await read();
      return frame === undefined ? undefined : decodeJoinMessage(frame);
    },
  };
}

describe("serveJoin", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("takes a worker in with one answer", async () => {
    const { say, hear, asked, near, served } = await setup("worker");
    await say(JOIN);
    expect(await hear()).toEqual(ACCEPTED_WORKER);
    await near.close();
    await served;
    expect(asked).toEqual(["register worker machine"]);
  });

  it("makes a manager a member only once it says that it is ready", async () => {
    const { say, hear, asked, near, served } = await setup("manager");
    await say(JOIN);
    expect(await hear()).toEqual(ACCEPTED_MANAGER);
    expect(asked).toEqual(["register manager machine"]);
    await say({ type: "ready" });
    expect(await hear()).toEqual({ type: "complete" });
    expect(asked.at(-1)).toBe("activate 12 10.0.0.9:2377");
    await near.close();
    await served;
    expect(asked).not.toContain("withdraw");
  });

  it("sends a joiner to the leader and registers nothing", async () => {
    const { say, hear, asked, served } = await setup("worker", {
      leaderElsewhere: () => "10.0.0.3:2377",
    });
    await say(JOIN);
    expect(await hear()).toEqual({ type: "redirect", address: "10.0.0.3:2377" });
    expect(await hear()).toBeUndefined();
    await served;
    expect(asked).toEqual([]);
  });

  it("tells why it refuses", async () => {
    const { say, hear, served } = await setup("worker", {
      leaderElsewhere: () => {
        throw new NodeError("unavailable", "The swarm does not have a leader; try again");
      },
    });
    await say(JOIN);
    expect(await hear()).toEqual({
      type: "refused",
      code: "unavailable",
      message: "The swarm does not have a leader; try again",
    });
    expect(await hear()).toBeUndefined();
    await served;
  });

  it("takes a manager's registration back when it cannot be activated, before it says so", async () => {
    const { say, hear, asked, served } = await setup("manager", {
      activate: () => Promise.reject(new NodeError("invalid-argument", "out of reach")),
    });
    await say(JOIN);
    await hear();
    await say({ type: "ready" });
    expect(await hear()).toMatchObject({ type: "refused", code: "invalid-argument" });
    expect(asked.at(-1)).toBe("withdraw");
    await served;
  });

  it("takes a manager's registration back when it hangs up before it is ready", async () => {
    const { say, hear, asked, near, served } = await setup("manager");
    await say(JOIN);
    await hear();
    await near.close();
    await served;
    expect(asked).toEqual(["register manager machine", "withdraw"]);
  });

  it("takes a manager's registration back when it sends something else than ready", async () => {
    const { say, hear, asked, served } = await setup("manager");
    await say(JOIN);
    await hear();
    await say(JOIN);
    expect(await hear()).toMatchObject({ type: "refused", code: "protocol" });
    await served;
    expect(asked.at(-1)).toBe("withdraw");
  });

  it("keeps a member that hangs up before it heard that it is one", async () => {
    const activated = Promise.withResolvers<"member">();
    const { say, hear, asked, near, served } = await setup("manager", {
      activate: () => activated.promise,
    });
    await say(JOIN);
    await hear();
    await say({ type: "ready" });
    near.destroy();
    activated.resolve("member");
    await served;
    expect(asked).not.toContain("withdraw");
  });

  it("says nothing to a manager that may become a member yet, and keeps its registration", async () => {
    const { say, hear, asked, served } = await setup("manager", {
      activate: () => Promise.resolve("unknown"),
    });
    await say(JOIN);
    await hear();
    await say({ type: "ready" });
    expect(await hear()).toBeUndefined();
    await served;
    expect(asked).not.toContain("withdraw");
  });

  it("takes a worker's registration back when the answer cannot be given", async () => {
    const registered = Promise.withResolvers<typeof ACCEPTED_WORKER>();
    const { say, asked, near, served } = await setup("worker", {
      register: () => registered.promise,
    });
    await say(JOIN);
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    near.destroy();
    await near.closed;
    registered.resolve(ACCEPTED_WORKER);
    await served;
    expect(asked).toEqual(["register worker machine", "withdraw"]);
  });

  it.each([
    ["garbage", Buffer.from("garbage")],
    ["another message", encodeJoinMessage({ type: "ready" })],
  ])("refuses a first frame that is %s", async (_what, frame) => {
    const { near, hear, asked, served } = await setup("worker");
    await near.send(frame);
    expect(await hear()).toMatchObject({ type: "refused", code: "protocol" });
    await served;
    expect(asked).toEqual([]);
  });

  it("bears a joiner that hangs up without a word", async () => {
    const { near, asked, served } = await setup("manager");
    near.destroy();
    await served;
    expect(asked).toEqual([]);
  });

  it("cuts a joiner that says nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { near, served } = await setup("worker");
    vi.advanceTimersByTime(JOIN_TIMEOUT_MS);
    await served;
    expect(await near.closed).toMatchObject({ code: "broken" });
    expect(vi.getTimerCount()).toBe(0);
  });
});
