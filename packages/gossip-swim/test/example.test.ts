import { expect, test } from "vitest";
import { main, startNode } from "../examples/two-nodes.ts";

test("the example shows one member coming and leaving, over real UDP and TCP", async () => {
  expect(await main()).toEqual(["member-alive b", "member-left b"]);
});

test("over real UDP and TCP, a member that is gone without a word is declared dead", async () => {
  const nodes = await Promise.all(["a", "b", "c"].map(startNode));
  const [a, b, c] = nodes;
  try {
    await b!.driver.join([a!.address]);
    await c!.driver.join([a!.address]);
    const dead = new Promise<string>((resolve) => {
      a!.driver.subscribe(({ type, member }) => {
        if (type === "member-dead") resolve(member.name);
      });
    });
    await c!.close();
    expect(a!.driver.probeNow("c")).toBe(true);
    expect(await dead).toBe("c");
    // On a busy machine it may be suspect for a moment; it must not die.
    expect(["alive", "suspect"]).toContain(b!.driver.member("a")!.state);
  } finally {
    await Promise.all([a!.close(), b!.close()]);
  }
});
