import { expect, test } from "vitest";
import type { Effect } from "../../../src/index.ts";
import { addressOf, alive, codec, sent, setup, told } from "../one-core.ts";

const suspect = (name: string, from: string) =>
  ({ type: "suspect", name, incarnation: 1, from }) as const;

/** The sequences of the pings sent to a member. */
const pingsTo = (name: string, effects: readonly Effect[]): number[] =>
  effects.flatMap((effect) =>
    effect.type === "send-packet" && effect.to.host === name
      ? codec
          .decodePacket(effect.bytes)
          .flatMap((message) => (message.type === "ping" ? [message.sequence] : []))
      : [],
  );

test("who is accused by others is probed at once, and told first what it is accused of", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const lines = sent(node.receive("b", suspect("c", "b")));
  expect(lines.slice(0, 2)).toEqual(["c < suspect c 1 by", "c < ping c"]);
});

test("a member is probed once at a time, and so many members at once", () => {
  const node = setup();
  const names = Array.from({ length: 70 }, (_, n) => `m${n}`);
  node.receive("m0", ...names.slice(0, 35).map((name) => alive(name)));
  node.receive("m0", ...names.slice(35).map((name) => alive(name)));
  const probe = (name: string): [begun: boolean, pings: number] => {
    let begun = false;
    const effects = node.run((core, now) => (begun = core.probeNow(name, now)));
    return [begun, pingsTo(name, effects).length];
  };
  expect(probe("m0")).toEqual([true, 1]);
  expect(probe("m0")).toEqual([true, 0]);
  expect(names.slice(1).map(probe)).toEqual([
    ...Array.from({ length: 63 }, () => [true, 1]),
    ...Array.from({ length: 6 }, () => [false, 0]),
  ]);
});

test("a verdict concerns the incarnation that was probed, none that came since", () => {
  const node = setup();
  node.receive("b", alive("b"));
  node.run((core, now) => core.probeNow("b", now));
  node.receive("b", alive("b", 2));
  expect(told(node.pass(1000))).not.toContain("member-suspect");
});

test("a stream is tried when the ping is not answered: its ack counts, another's does not", () => {
  for (const [offset, verdict] of [
    [0, "alive"],
    [1, "suspect"],
  ] as const) {
    const node = setup({ streamProbe: true });
    node.receive("b", alive("b"));
    node.run((core, now) => core.probeNow("b", now));
    const tried = node.pass(500).flatMap((effect) => {
      if (effect.type !== "open-stream") return [];
      const request = codec.decodeStream(effect.request);
      return request.type === "ping" ? [{ ...effect, ping: request }] : [];
    });
    expect(tried).toMatchObject([{ to: addressOf("b"), timeoutMs: 500, ping: { target: "b" } }]);
    const [{ streamId, ping }] = tried as [(typeof tried)[0]];
    const sequence = (ping.sequence + offset) % 2 ** 32;
    const ack = codec.encodeStream({ type: "ack", sequence });
    node.run((core, now) => core.handleStreamReply(streamId, ack, now));
    node.pass(500);
    expect(node.core.member("b")!.state).toBe(verdict);
  }
});

test("nobody is pinged for others who is held dead", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  node.receive("b", { type: "dead", name: "c", incarnation: 1, from: "b" });
  const request = { type: "ping-request", sequence: 7, target: "c", from: "b" } as const;
  expect(pingsTo("c", node.receive("b", request))).toEqual([]);
});

test("a relayed ack is passed on while it is of use, and only for so many pings", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const request = (sequence: number): number => {
    const message = { type: "ping-request", sequence, target: "c", from: "b" } as const;
    return pingsTo("c", node.receive("b", message))[0]!;
  };
  const isPassedOn = (sequence: number): boolean =>
    sent(node.receive("c", { type: "ack", sequence })).includes("b < ack");
  const relayed = Array.from({ length: 1025 }, (_, n) => request(n));
  expect(isPassedOn(relayed[0]!)).toBe(false);
  expect(isPassedOn(relayed[1]!)).toBe(true);
  expect(isPassedOn(relayed[1]!)).toBe(false);
  node.pass(999);
  expect(isPassedOn(relayed[2]!)).toBe(true);
  node.pass(1);
  expect(isPassedOn(relayed[3]!)).toBe(false);
});
