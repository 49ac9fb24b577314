import { createRandom } from "@waggle/simkit";
import { expect, test } from "vitest";
import { createSwim, type Effect } from "../../src/index.ts";
import { addressOf, alive, codec, sent, setup, told } from "./one-core.ts";

test("transcript: a probe goes direct, then through others, then makes suspect, then dead", () => {
  const node = setup({ indirectProbes: 2, suspicionConfirmations: 0 });
  node.receive("b", alive("b"), alive("c"));
  node.pass(100);
  // Let the rumours run out, with everybody answering.
  for (let turn = 0; turn < 40; turn += 1) {
    for (const effect of node.pass(100)) {
      if (effect.type !== "send-packet") continue;
      for (const message of codec.decodePacket(effect.bytes))
        if (message.type === "ping")
          node.receive(effect.to.host, { type: "ack", sequence: message.sequence });
    }
  }
  expect(node.core.counts().queued).toBe(0);
  const direct = node.run((core, now) => core.probeNow("c", now));
  const indirect = node.pass(500);
  const verdict = node.pass(500);
  expect(sent(direct)).toEqual(["c < ping c"]);
  expect(sent(indirect).filter((line) => line.includes("c by"))).toEqual([
    "b < ping-request c by a",
  ]);
  expect(told(verdict)).toContain("member-suspect");
  expect(sent(verdict.concat(node.pass(200)))).toContain("b < suspect c 1 by a");
  expect(told(node.pass(3000))).toContain("member-dead");
  expect(node.core.member("c")!.state).toBe("dead");
});

test("an ack that arrives late, or twice, or with a wrong number changes nothing; a timely one clears", () => {
  const node = setup();
  node.receive("b", alive("b"));
  const [ping] = node
    .run((core, now) => core.probeNow("b", now))
    .flatMap((effect) =>
      effect.type === "send-packet"
        ? codec.decodePacket(effect.bytes).filter((message) => message.type === "ping")
        : [],
    );
  const sequence = ping!.sequence;
  node.receive("b", { type: "ack", sequence: (sequence + 7) % 2 ** 32 });
  node.pass(400);
  node.receive("b", { type: "ack", sequence });
  node.receive("b", { type: "ack", sequence });
  const states = new Set<string>();
  node.pass(550);
  states.add(node.core.member("b")!.state);
  expect(states).toEqual(new Set(["alive"]));
});

test("stale and unknown timers are ignored", () => {
  const node = setup();
  node.receive("b", alive("b"));
  node.run((core, now) => core.probeNow("b", now));
  const before = node.core.members();
  for (const { token } of [...node.timers])
    node.run((core, now) => core.handleTimer(token + 1000, now));
  expect(node.core.members()).toEqual(before);
});

test("a ping is answered, one for another name is not", () => {
  const node = setup();
  const ping = { type: "ping", sequence: 5, target: "a", from: "b" } as const;
  expect(sent(node.receive("b", ping))[0]).toBe("b < ack");
  expect(sent(node.receive("b", { ...ping, target: "old-name" }))).toEqual([]);
});

test("a relay pings at the address it knows itself, and passes the ack on", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const request = { type: "ping-request", sequence: 77, target: "c", from: "b" } as const;
  const effects = node.receive("b", request);
  const packet = effects.find((effect) => effect.type === "send-packet")!;
  expect(packet.to).toEqual(addressOf("c"));
  const ping = codec.decodePacket(packet.bytes).find((message) => message.type === "ping")!;
  const answer = node.receive("c", { type: "ack", sequence: ping.sequence });
  const passed = answer.find((effect) => effect.type === "send-packet")!;
  expect(passed.to).toEqual(addressOf("b"));
  expect(codec.decodePacket(passed.bytes)[0]).toEqual({ type: "ack", sequence: 77 });
  expect(sent(node.receive("b", { ...request, target: "stranger" }))).toEqual([]);
});

test("a node refutes suspicion and death with a higher incarnation, and repeats itself to the deaf", () => {
  const node = setup();
  node.receive("b", alive("b"));
  expect(
    told(node.receive("b", { type: "suspect", name: "a", incarnation: 1, from: "b" })),
  ).toEqual(["refuted"]);
  expect(node.core.member("a")).toMatchObject({ state: "alive", incarnation: 2 });
  node.receive("b", { type: "dead", name: "a", incarnation: 9, from: "b" });
  expect(node.core.member("a")!.incarnation).toBe(10);
  expect(sent(node.pass(300))).toContain("b < alive a 10");
});

test("who is held dead and pings is told so with the ack, and can refute at once", () => {
  const node = setup();
  node.receive("b", alive("b", 3));
  node.receive("c", { type: "dead", name: "b", incarnation: 3, from: "c" });
  const lines = sent(node.receive("b", { type: "ping", sequence: 1, target: "a", from: "b" }));
  expect(lines.slice(0, 2)).toEqual(["b < ack", "b < dead b 3 by"]);
});

test("a restarted member learns its old incarnation from the exchange and is alive again", () => {
  const old = setup();
  old.receive("b", alive("b"));
  const reply = old.stream({ type: "state", reply: false, from: "b", entries: [] });
  expect(reply).toMatchObject({ type: "state", reply: true, from: "a" });
  // The new life of a hears that a was alive at 7, or dead at 7, or left at 7.
  for (const state of ["alive", "dead", "left"] as const) {
    const node = setup();
    const [streamId] = [0].map(() => {
      let ids: number[] = [];
      node.run((core, now) => (ids = core.join([addressOf("b")], now)));
      return ids[0]!;
    });
    const entries = [
      { ...alive("b"), state: "alive" },
      { ...alive("a", 7), meta: Uint8Array.of(1), state },
    ] as const;
    const frame = codec.encodeStream({ type: "state", reply: true, from: "b", entries });
    node.run((core, now) => expect(core.handleStreamReply(streamId!, frame, now)).toBe(true));
    expect(node.core.member("a")).toMatchObject({ state: "alive", incarnation: 8 });
  }
});

test("an exchange with itself, or an answer nobody asked for, is of no use", () => {
  const node = setup();
  let ids: number[] = [];
  node.run((core, now) => (ids = core.join([addressOf("a"), addressOf("alias")], now)));
  expect(ids).toHaveLength(1);
  const frame = codec.encodeStream({ type: "state", reply: true, from: "a", entries: [] });
  expect(node.core.handleStreamReply(ids[0]!, frame, 0)).toBe(false);
  expect(node.core.handleStreamReply(ids[0]!, frame, 0)).toBe(false);
  expect(node.core.handleStream(frame, 0)).toBeUndefined();
  expect(node.core.handleStream(Uint8Array.of(1, 2), 0)).toBeUndefined();
});

test("what a peer holds dead is only suspected here", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  node.stream({
    type: "state",
    reply: false,
    from: "b",
    entries: [
      { ...alive("c"), state: "dead" },
      { ...alive("unknown"), state: "dead" },
    ],
  });
  expect(node.core.member("c")!.state).toBe("suspect");
  expect(node.core.member("unknown")).toBeUndefined();
});

test("independent accusers shorten the suspicion; repeated and anonymous ones do not", () => {
  const timeToDeath = (accusers: readonly string[]): number => {
    const node = setup({ suspicionConfirmations: 2, suspicionFactorMax: 4 });
    node.receive("b", ...["b", "c", "d", "e"].map((name) => alive(name)));
    // Every ping of its own is answered, so that only the accusers count.
    const answer = (effects: readonly Effect[]): void => {
      for (const effect of effects)
        if (effect.type === "send-packet")
          for (const message of codec.decodePacket(effect.bytes))
            if (message.type === "ping")
              node.receive(message.target, { type: "ack", sequence: message.sequence });
    };
    for (const from of accusers)
      answer(node.receive("b", { type: "suspect", name: "c", incarnation: 1, from }));
    let passed = 0;
    for (; node.core.member("c")!.state === "suspect"; passed += 50) answer(node.pass(50));
    return passed;
  };
  const alone = timeToDeath(["b"]);
  expect(alone).toBeGreaterThan(11_000);
  expect(timeToDeath(["b", "b", "", ""])).toBe(alone);
  expect(timeToDeath(["b", "d"])).toBeLessThan(7000);
  expect(timeToDeath(["b", "d", "e"])).toBeLessThan(3200);
});

test("after standing still: probes in flight give no verdict, suspects get the time back", () => {
  const node = setup({ suspicionConfirmations: 0 });
  node.receive("b", alive("b"), alive("c"), alive("d"));
  node.run((core, now) => core.probeNow("b", now));
  node.receive("c", { type: "suspect", name: "c", incarnation: 1, from: "d" });
  node.jump(2900);
  const effects = node.pass(10);
  expect(told(effects)).toContain("stalled");
  node.pass(400);
  // b's probe would be long overdue and c's three seconds over.
  expect(node.core.member("b")!.state).toBe("alive");
  expect(node.core.member("c")!.state).toBe("suspect");
  expect(node.core.counts().stalls).toBe(1);
  node.receive("c", alive("c", 2));
  expect(node.core.member("c")!.state).toBe("alive");
});

test("a goodbye: the others are told, and no rumour brings the node back", () => {
  const node = setup();
  node.receive("b", alive("b"), alive("c"));
  const effects = node.run((core, now) => core.leave(now)).concat(node.pass(1000));
  expect(sent(effects).filter((line) => line.includes("dead a")).length).toBeGreaterThan(1);
  expect(told(effects).filter((type) => type === "leave-spread")).toHaveLength(1);
  node.receive("b", { type: "suspect", name: "a", incarnation: 1, from: "b" });
  expect(node.core.member("a")!.state).toBe("left");
  expect(node.core.probeNow("b", node.now())).toBe(false);
  expect(sent(node.receive("b", { type: "ping", sequence: 1, target: "a", from: "b" }))).toContain(
    "b < ack",
  );
});

test("two bearers of one name: answers are rationed and the conflict is reported", () => {
  const node = setup();
  const claim = (incarnation: number) =>
    node.receive("b", { ...alive("a", incarnation), address: addressOf("other") });
  let incarnation = 10;
  const events: string[] = [];
  for (let turn = 0; turn < 100; turn += 1) {
    events.push(...told(claim((incarnation += 2))));
    node.pass(100);
  }
  expect(events.filter((type) => type === "refuted").length).toBeLessThanOrEqual(11);
  expect(events).toContain("name-conflict");
});

test("newcomers beyond the limit are ignored, unless a dead member can make room", () => {
  const node = setup({ membersMax: 3 });
  node.receive("b", alive("b"), alive("c"), alive("d"));
  expect(node.core.members().map(({ name }) => name)).toEqual(["a", "b", "c"]);
  node.receive("b", { type: "dead", name: "c", incarnation: 1, from: "b" }, alive("d"));
  expect(node.core.members().map(({ name }) => name)).toEqual(["a", "b", "d"]);
});

test("dead members are forgotten after their time", () => {
  const node = setup({ deadRetentionMs: 10_000 });
  node.receive("b", alive("b"));
  node.receive("b", { type: "dead", name: "b", incarnation: 1, from: "b" });
  node.pass(8000);
  expect(node.core.member("b")!.state).toBe("left");
  node.pass(10_000);
  expect(node.core.member("b")).toBeUndefined();
});

test("a state too large for a frame is sent in part, itself first", () => {
  const node = setup({ streamBytesMax: 4096 });
  for (let n = 0; n < 300; n += 1) node.receive("b", alive(`member-${n}`));
  const request = { type: "state", reply: false, from: "b", entries: [] } as const;
  const frame = node.core.handleStream(codec.encodeStream(request), 0)!;
  expect(frame.length).toBeLessThanOrEqual(4096);
  const reply = codec.decodeStream(frame);
  expect(reply.type === "state" && reply.entries[0]!.name).toBe("a");
  expect(reply.type === "state" && reply.entries.length).toBeGreaterThan(50);
});

test("packets stay within their limit however much there is to tell", () => {
  const node = setup();
  const meta = new Uint8Array(512);
  for (let n = 0; n < 50; n += 1) node.receive("b", { ...alive(`${"x".repeat(120)}${n}`), meta });
  for (const effect of node.pass(3000))
    if (effect.type === "send-packet") expect(effect.bytes.length).toBeLessThanOrEqual(1400);
});

test("options are checked at once", () => {
  const base = { name: "a", address: addressOf("a"), random: createRandom(1) };
  const bad = [
    { name: "" },
    { name: "x".repeat(129) },
    { address: { host: "", port: 1 } },
    { address: { host: "h", port: 0 } },
    { meta: new Uint8Array(513) },
    { config: { probeTimeoutMs: 1000 } },
    { config: { packetBytesMax: 1401 } },
    { config: { membersMax: 1 } },
    { config: { stallMs: Number.NaN } },
  ];
  for (const wrong of bad)
    expect(() => createSwim({ ...base, ...wrong })).toThrow(
      expect.objectContaining({ name: "SwimError", code: "invalid-argument" }) as Error,
    );
  for (const preset of ["local", "lan", "wan"] as const) createSwim({ ...base, preset });
});
