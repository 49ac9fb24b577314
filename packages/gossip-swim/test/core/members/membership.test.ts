import { expect, test } from "vitest";
import { incarnationMax } from "../../../src/index.ts";
import { addressOf, alive, sent, setup, told } from "../one-core.ts";

test("a goodbye learned from an exchange counts at once; of who is not known, nothing is kept", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  node.stream({
    type: "state",
    reply: false,
    from: "b",
    entries: [
      { ...alive("c"), state: "left" },
      { ...alive("unknown"), state: "left" },
    ],
  });
  expect(node.core.member("c")!.state).toBe("left");
  expect(node.core.member("unknown")).toBeUndefined();
});

test("a refutation ends the suspicion", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  node.receive("b", { type: "suspect", name: "c", incarnation: 1, from: "b" });
  expect(node.core.counts().suspects).toBe(1);
  expect(told(node.receive("c", alive("c", 2)))).toEqual(["member-alive"]);
  expect(node.core.counts().suspects).toBe(0);
});

test("who can raise its incarnation no further cannot be accused any more, but can leave", () => {
  const node = setup();
  const incarnation = incarnationMax;
  node.receive("b", alive("b"), alive("c", incarnation));
  node.receive("b", { type: "suspect", name: "c", incarnation, from: "b" });
  node.receive("b", { type: "dead", name: "c", incarnation, from: "b" });
  expect(node.core.member("c")!.state).toBe("alive");
  node.receive("b", { type: "dead", name: "c", incarnation, from: "c" });
  expect(node.core.member("c")!.state).toBe("left");
});

test("the dead are told for a while, so that they can refute; those who left are not", () => {
  const node = setup({ gossipToTheDeadMs: 2000 });
  node.receive("b", alive("b"), alive("c"));
  node.receive("b", { type: "dead", name: "b", incarnation: 1, from: "c" });
  node.receive("b", { type: "dead", name: "c", incarnation: 1, from: "c" });
  const lines = sent(node.pass(400));
  expect(lines).toContain("b < dead b 1 by c");
  expect(lines.filter((line) => line.startsWith("c <"))).toEqual([]);
  node.pass(2000);
  node.receive("d", alive("d"));
  expect(sent(node.pass(400)).filter((line) => line.startsWith("b <"))).toEqual([]);
});

test("a member that came back at another address is held, probed and passed on there", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const moved = { ...alive("b", 2), address: addressOf("new-b") };
  expect(told(node.receive("c", moved))).toEqual(["member-updated"]);
  expect(node.core.member("b")!.address).toEqual(addressOf("new-b"));
  const probe = node.run((core, now) => core.probeNow("b", now));
  expect(sent(probe)[0]).toBe("new-b < ping b");
  const lines = sent(node.pass(300));
  expect(lines).toContain("c < alive b 2");
  expect(lines.filter((line) => line.startsWith("b <"))).toEqual([]);
});

test("newcomers, accusers and deaths are passed on; suspicion anew under a higher incarnation is no news", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"), alive("d"), alive("e"));
  expect(sent(node.pass(400))).toContain("b < alive c 1");
  const accuse = (from: string, incarnation: number) =>
    node.receive("b", { type: "suspect", name: "c", incarnation, from });
  expect(told(accuse("d", 1))).toEqual(["member-suspect"]);
  expect(told(accuse("e", 1))).toEqual([]);
  expect(sent(node.pass(400)).filter((line) => line.endsWith("suspect c 1 by e"))).not.toEqual([]);
  expect(told(accuse("d", 2))).toEqual([]);
  expect(node.core.member("c")).toMatchObject({ state: "suspect", incarnation: 2 });
});
