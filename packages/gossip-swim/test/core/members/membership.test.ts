import { expect, test } from "vitest";
import { incarnationMax } from "../../../src/index.ts";
import { alive, sent, setup, told } from "../one-core.ts";

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
