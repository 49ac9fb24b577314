import { afterEach, expect, test } from "vitest";
import { isSwimError, type MemberEvent } from "../../src/index.ts";
import type { SwimDriver } from "../../src/driver/index.ts";
import { createMemoryNetwork } from "./memory-network.ts";

let network = createMemoryNetwork();
afterEach(() => {
  network.stopAll();
  network = createMemoryNetwork();
});

async function startThree(): Promise<Record<"a" | "b" | "c", SwimDriver>> {
  const drivers = { a: network.add("a"), b: network.add("b"), c: network.add("c") };
  for (const driver of Object.values(drivers)) driver.start();
  const joins = [
    drivers.b.join([network.addressOf("a")]),
    drivers.c.join([network.addressOf("a")]),
  ];
  await network.advance(2000);
  expect(await Promise.all(joins)).toEqual([1, 1]);
  return drivers;
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return "resolved";
  } catch (error) {
    return isSwimError(error) ? error.code : String(error);
  }
};

const statesAt = (driver: SwimDriver) =>
  Object.fromEntries(driver.members().map(({ name, state }) => [name, state]));

test("three drivers find each other through one address", async () => {
  const { a, b, c } = await startThree();
  for (const driver of [a, b, c])
    expect(statesAt(driver)).toEqual({ a: "alive", b: "alive", c: "alive" });
  expect(a.members()[0]!.name).toBe("a");
  expect(b.member("c")!.address).toEqual({ host: "c", port: 7946 });
});

test("join counts those who answered, skips itself, and fails when there is none", async () => {
  const { b } = await startThree();
  const two = b.join([network.addressOf("a"), network.addressOf("b"), network.addressOf("nobody")]);
  await network.settle();
  expect(await two).toBe(1);
  const none = codeOf(b.join([network.addressOf("nobody")]));
  await network.settle();
  expect(await none).toBe("no-peers");
  expect(await codeOf(b.join([network.addressOf("b")]))).toBe("no-peers");
  expect(await codeOf(b.join([{ host: "", port: 1 }]))).toBe("invalid-argument");
});

test("join ends at its signal", async () => {
  const { b } = await startThree();
  network.silence("a");
  const abort = new AbortController();
  const join = codeOf(b.join([network.addressOf("a")], { signal: abort.signal }));
  abort.abort();
  expect(await join).toBe("aborted");
});

test("a silent member becomes suspect, then dead; probeNow makes it quick", async () => {
  const { a, b } = await startThree();
  const events: string[] = [];
  a.subscribe(({ type, member }) => events.push(`${type} ${member.name}`));
  network.silence("c");
  expect(a.probeNow("c")).toBe(true);
  expect(a.probeNow("nobody")).toBe(false);
  await network.advance(1100);
  expect(statesAt(a)).toMatchObject({ c: "suspect" });
  await network.advance(4000);
  expect(statesAt(a)).toMatchObject({ c: "dead" });
  expect(statesAt(b)).toMatchObject({ c: "dead" });
  expect(events).toEqual(["member-suspect c", "member-dead c"]);
  expect(a.probeNow("c")).toBe(false);
});

test("meta reaches the others", async () => {
  const { a, b } = await startThree();
  const seen: MemberEvent[] = [];
  b.subscribe((event) => seen.push(event));
  a.updateMeta(Uint8Array.of(1, 2, 3));
  await network.advance(1000);
  expect(seen.map(({ type }) => type)).toEqual(["member-updated"]);
  expect(b.member("a")!.meta).toEqual(Uint8Array.of(1, 2, 3));
  expect(() => a.updateMeta(new Uint8Array(513))).toThrow("512");
});

test("leave waits until the goodbye is spread; the others then hold the member as left", async () => {
  const { a, b, c } = await startThree();
  let isDone = false;
  const leaving = c.leave().then(() => (isDone = true));
  await network.advance(1000);
  expect(isDone).toBe(true);
  await leaving;
  c.stop();
  expect(statesAt(a)).toMatchObject({ c: "left" });
  expect(statesAt(b)).toMatchObject({ c: "left" });
  expect(await codeOf(c.leave())).toBe("not-running");
});

test("leaving alone is quick, leaving into silence ends after its time", async () => {
  const alone = network.add("alone");
  alone.start();
  expect(await codeOf(alone.leave())).toBe("resolved");
  const { b } = await startThree();
  network.silence("b");
  const abort = new AbortController();
  const leaving = codeOf(b.leave({ signal: abort.signal }));
  abort.abort();
  expect(await leaving).toBe("aborted");
});

test("after standing still the driver suspects nobody", async () => {
  const stalls: string[] = [];
  const a = network.add("a", { onCoreEvent: ({ type }) => stalls.push(type) });
  const b = network.add("b");
  a.start();
  b.start();
  const join = b.join([network.addressOf("a")]);
  await network.advance(1500);
  await join;
  const events: string[] = [];
  a.subscribe(({ type }) => events.push(type));
  expect(a.probeNow("b")).toBe(true);
  // The ack is on its way, but the clock jumps before it is read, and the timers come first.
  network.freeze(3000);
  await network.advance(3000);
  expect(stalls).toContain("stalled");
  expect(events).toEqual([]);
  expect(a.counts().stalls).toBe(1);
});

test("a listener that throws harms nobody, and may call back in", async () => {
  const errors: unknown[] = [];
  const a = network.add("a", { onListenerError: (error) => errors.push(error) });
  const b = network.add("b");
  const seen: string[] = [];
  a.subscribe(() => {
    throw new Error("boom");
  });
  const unsubscribe = a.subscribe(({ member }) => {
    seen.push(member.name);
    a.probeNow(member.name);
  });
  a.start();
  b.start();
  const join = b.join([network.addressOf("a")]);
  await network.settle();
  await join;
  expect(errors).toHaveLength(1);
  expect(seen).toEqual(["b"]);
  unsubscribe();
});

test("stop ends every timer and stream; what comes later is ignored or refused", async () => {
  const { a, b, c } = await startThree();
  for (const driver of [a, b, c]) driver.stop();
  a.stop();
  expect(network.timersPending()).toBe(0);
  a.handleDatagram(network.addressOf("b"), Uint8Array.of(1));
  expect(a.probeNow("b")).toBe(false);
  expect(await codeOf(a.join([network.addressOf("b")]))).toBe("not-running");
  expect(() => a.start()).toThrow("before");
});

test("garbage is counted and changes nothing", async () => {
  const { a } = await startThree();
  const before = a.members();
  a.handleDatagram(network.addressOf("b"), Uint8Array.of(0x57, 1, 0, 1, 99));
  a.handleDatagram(network.addressOf("b"), new Uint8Array(0));
  expect(a.counts().malformed).toBe(2);
  expect(a.members()).toEqual(before);
});
