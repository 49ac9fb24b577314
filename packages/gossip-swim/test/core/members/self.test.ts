import { expect, test } from "vitest";
import { addressOf, alive, codec, sent, setup, told } from "../one-core.ts";

test("one claim from another address is this node's own past: it is answered, and no conflict", () => {
  const node = setup();
  node.receive("b", alive("b"));
  const past = { ...alive("a", 7), address: addressOf("old-a") };
  expect(told(node.receive("b", past))).toEqual(["refuted"]);
  expect(node.core.member("a")).toMatchObject({ incarnation: 8, address: addressOf("a") });
});

test("who has left probes nobody, not after a stall either, and announces nothing more", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const effects = node.run((core, now) => core.leave(now));
  node.run((core, now) => core.updateMeta(Uint8Array.of(1), now));
  effects.push(...node.pass(3000));
  node.jump(3000);
  effects.push(...node.pass(3000));
  expect(sent(effects).filter((line) => / < ping | < alive a /.test(line))).toEqual([]);
  expect(node.core.member("a")).toMatchObject({ state: "left", meta: new Uint8Array(0) });
});

test("the meta is copied", () => {
  const node = setup();
  const meta = Uint8Array.of(1);
  node.run((core, now) => core.updateMeta(meta, now));
  meta[0] = 9;
  expect(node.core.member("a")!.meta).toEqual(Uint8Array.of(1));
});

test("a ping over a stream is answered in this node's name only", () => {
  const node = setup();
  const ping = { type: "ping", sequence: 5, target: "a", from: "b" } as const;
  expect(node.stream(ping)).toEqual({ type: "ack", sequence: 5 });
  expect(node.stream({ ...ping, target: "old-name" })).toBeUndefined();
});

test("a peer that bears this node's name is reported, whichever of the two asks the other", () => {
  const namesake = (address: { host: string; port: number }, reply: boolean) =>
    ({
      type: "state",
      reply,
      from: "a",
      entries: [{ ...alive("a"), address, state: "alive" }],
    }) as const;
  const other = addressOf("other");
  const node = setup();
  node.stream(namesake(addressOf("a"), false));
  expect(told(node.run(() => undefined))).toEqual([]);
  expect(node.stream(namesake(other, false))).toMatchObject({ type: "state", reply: true });
  expect(told(node.run(() => undefined))).toEqual(["name-conflict"]);
  let ids: number[] = [];
  node.run((core, now) => (ids = core.join([other], now)));
  const reply = codec.encodeStream(namesake(other, true));
  const effects = node.run((core, now) => {
    expect(core.handleStreamReply(ids[0]!, reply, now)).toBe(false);
  });
  expect(told(effects)).toEqual(["name-conflict"]);
});
