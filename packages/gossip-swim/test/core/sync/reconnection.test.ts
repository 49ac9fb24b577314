import { expect, test } from "vitest";
import type { Effect } from "../../../src/index.ts";
import { addressOf, alive, codec, setup } from "../one-core.ts";

/** With whom exchanges were begun. */
const asked = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) =>
    effect.type === "open-stream" && codec.decodeStream(effect.request).type === "state"
      ? [effect.to.host]
      : [],
  );

// Two reconnect intervals, in which nobody dies of silence and no exchange with a random living member is due.
const config = { syncIntervalMs: 1_000_000, suspicionMultiplier: 1000 };
const aWhileMs = 12_000;

test("a dead member is tried again, one that left is not", () => {
  const node = setup(config);
  node.receive("b", alive("b"), alive("c"));
  node.receive("b", { type: "dead", name: "b", incarnation: 1, from: "d" });
  node.receive("b", { type: "dead", name: "c", incarnation: 1, from: "c" });
  expect(new Set(asked(node.pass(aWhileMs)))).toEqual(new Set(["b"]));
});

test("an address of join is tried again until a member is known there", () => {
  const node = setup(config);
  let ids: number[] = [];
  node.run((core, now) => (ids = core.join([addressOf("seed")], now)));
  node.run((core, now) => core.handleStreamFailure(ids[0]!, now));
  expect(new Set(asked(node.pass(aWhileMs)))).toEqual(new Set(["seed"]));
  node.receive("seed", { ...alive("b"), address: addressOf("seed") });
  expect(asked(node.pass(aWhileMs))).toEqual([]);
});

test("so many exchanges at once, so many addresses remembered, and each once", () => {
  const node = setup({ ...config, reconnectIntervalMs: 100 });
  const join = (hosts: readonly string[]): number => {
    let ids: number[] = [];
    node.run((core, now) => (ids = core.join(hosts.map(addressOf), now)));
    for (const id of ids) node.run((core, now) => core.handleStreamFailure(id, now));
    return ids.length;
  };
  const hosts = Array.from({ length: 70 }, (_, n) => `h${n}`);
  expect(join(hosts)).toBe(64);
  for (let n = 0; n < 70; n += 1) join(["h69"]);
  const tried = new Set<string>();
  for (let n = 0; n < 2000; n += 1)
    for (const effect of node.pass(100))
      if (effect.type === "open-stream") {
        tried.add(effect.to.host);
        node.run((core, now) => core.handleStreamFailure(effect.streamId, now));
      }
  expect(tried).toEqual(new Set(hosts.slice(6)));
});

test("now and then states are exchanged with a living member", () => {
  const node = setup({ syncIntervalMs: 1000, reconnectIntervalMs: 1e6, probeIntervalMs: 1e6 });
  node.receive("b", alive("b"), alive("c"));
  node.receive("b", { type: "dead", name: "c", incarnation: 1, from: "b" });
  const peers = asked(node.pass(10_000));
  expect(new Set(peers)).toEqual(new Set(["b"]));
  expect(peers.length).toBeGreaterThanOrEqual(8);
});
