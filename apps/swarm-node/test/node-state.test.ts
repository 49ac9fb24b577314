import { describe, expect, it } from "vitest";
import { createNodeState } from "../src/node-state.ts";
import { settle } from "./support/memory-pair.ts";

describe("a node's state", () => {
  it("begins in no swarm, with nothing wrong", () => {
    expect(createNodeState()).toMatchObject({ active: undefined, error: "" });
  });

  it("refuses a change of membership while another is under way", async () => {
    const state = createNodeState();
    const first = Promise.withResolvers<string>();
    const changing = state.exclusively(() => first.promise);
    await expect(state.exclusively(() => Promise.resolve(2))).rejects.toMatchObject({
      name: "NodeError",
      code: "unavailable",
    });
    first.resolve("joined");
    expect(await changing).toBe("joined");
    expect(await state.exclusively(() => Promise.resolve(3))).toBe(3);
  });

  it("takes the next change after one that failed, or threw at once", async () => {
    const state = createNodeState();
    await expect(
      state.exclusively(() => Promise.reject(new TypeError("no manager answers"))),
    ).rejects.toThrow("no manager answers");
    await expect(
      state.exclusively(() => {
        throw new TypeError("at once");
      }),
    ).rejects.toThrow("at once");
    expect(await state.exclusively(() => Promise.resolve(1))).toBe(1);
  });

  it("lets what happens to the node wait for the change under way, and for nothing else", async () => {
    const state = createNodeState();
    const order: string[] = [];
    const joined = Promise.withResolvers<undefined>();
    const joining = state.exclusively(async () => {
      await joined.promise;
      order.push("joined");
    });
    const turns = ["removed", "stopped"].map((what) =>
      state.inTurn(() => Promise.resolve(order.push(what))),
    );
    await settle();
    expect(order).toEqual([]);
    joined.resolve(undefined);
    await Promise.all([joining, ...turns]);
    expect(order).toEqual(["joined", "removed", "stopped"]);
  });

  it("goes on after a failure, and tells it only to who asked", async () => {
    const state = createNodeState();
    const failing = state.exclusively(() => Promise.reject(new TypeError("lost")));
    const next = state.inTurn(() => Promise.resolve("next"));
    await expect(failing).rejects.toThrow("lost");
    expect(await next).toBe("next");
  });
});
