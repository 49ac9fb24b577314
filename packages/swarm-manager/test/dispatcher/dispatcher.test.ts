import type { DispatcherMessage, ManagerPeer, SwarmStore, TaskState } from "@waggle/swarm-state";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createDispatcher,
  createLeaderDesk,
  createNodeMonitor,
  ControlError,
  type Dispatcher,
  type LeaderPort,
  type SessionClosed,
} from "../../src/index.ts";
import { createFakeGossip, type FakeGossip } from "../support/fake-gossip.ts";
import { createManualClock, settle, type ManualClock } from "../support/manual-clock.ts";
import { createMemoryChannel, type MemoryChannel } from "../support/memory-channel.ts";
import { change, create, openStore } from "../support/open-store.ts";
import {
  createIds,
  description,
  idOf,
  managerNode,
  node,
  task,
  taskStatus,
} from "../support/samples.ts";

const M1 = idOf("m1");
const N1 = idOf("n1");

let store: SwarmStore;
let clock: ManualClock;
let dispatcher: Dispatcher;
let managers: readonly ManagerPeer[];
let barrier: () => Promise<void>;
let closings: SessionClosed[];
let gossip: FakeGossip;
/** Put in front of the leader's desk; may fail or wait. */
let gate: (call: string) => Promise<void>;
let calls: string[];

beforeEach(async () => {
  clock = createManualClock();
  store = openStore(() => clock.now());
  managers = [{ nodeId: M1, address: "10.0.0.9:1" }];
  barrier = () => Promise.resolve();
  gate = () => Promise.resolve();
  closings = [];
  gossip = createFakeGossip();
  calls = [];
  const monitor = createNodeMonitor({ store, clock, gossip });
  monitor.start();
  const desk = createLeaderDesk({ store, sessions: monitor, now: () => clock.now() });
  const leader: LeaderPort = {
    reportStatuses: (batch) =>
      guard(`statuses ${batch.statuses.length}`, () => desk.reportStatuses(batch)),
    sessionOpened: (session) => guard("opened", () => desk.sessionOpened(session)),
    sessionClosed: (session) => {
      closings.push(session);
      return guard(`closed ${session.reason}`, () => desk.sessionClosed(session));
    },
    announceSessions: (all) =>
      guard(`announced ${all.sessions.length}`, () => desk.announceSessions(all)),
  };
  const guard = async (call: string, run: () => Promise<void>): Promise<void> => {
    calls.push(call);
    await gate(call);
    await run();
  };
  dispatcher = createDispatcher({
    managerId: M1,
    store,
    barrier: () => barrier(),
    leader,
    managers: () => managers,
    newId: createIds(),
    clock,
    sessionsMax: 3,
  });
  const unready = { state: "unknown", message: "", address: "" } as const;
  const first = { ...node("n1"), status: unready, description: undefined };
  await create(store, first, node("n2"), managerNode("m1", 1));
});

afterEach(async () => {
  await dispatcher.stop();
  expect(dispatcher.nodes()).toEqual([]);
});

const connect = async (nodeId = N1): Promise<MemoryChannel> => {
  const channel = createMemoryChannel();
  dispatcher.accept(channel.manager);
  channel.say({ type: "hello", nodeId, description: description() });
  await settle();
  return channel;
};

/** A session whose opening messages have been read. */
const connected = async (nodeId = N1): Promise<MemoryChannel> => {
  const channel = await connect(nodeId);
  expect(channel.take().map(({ type }) => type)).toEqual(["accepted", "assignments"]);
  return channel;
};

const summary = (messages: readonly DispatcherMessage[]): unknown[] =>
  messages.map((message) => {
    if (message.type !== "assignments") return message.type;
    const told = message.tasks.map(
      ({ id, desiredState }) => `${id.replace(/0+$/, "")} ${desiredState}`,
    );
    const gone = message.mode === "complete" ? [] : message.removedTaskIds;
    return [message.mode, ...told, ...gone.map((id) => `${id.replace(/0+$/, "")} gone`)];
  });

const stateOf = (taskId: string): TaskState => store.view().get("task", idOf(taskId))!.status.state;
const report = (
  channel: MemoryChannel,
  sequence: number,
  ...items: readonly [string, TaskState][]
) =>
  channel.say({
    type: "status",
    sequence,
    statuses: items.map(([id, state]) => ({ taskId: idOf(id), status: taskStatus(state) })),
  });

describe("a session", () => {
  test("of a node with more tasks than one frame holds begins with all of them", async () => {
    const large = "x".repeat(100_000);
    const ids = Array.from({ length: 60 }, (_, at) => `t${at}x`);
    for (const id of ids) {
      await create(store, { ...task(id, "n1"), service: { name: "web", labels: { large } } });
    }
    const channel = await connect();
    await settle();
    const told = channel
      .take()
      .flatMap((message) => (message.type === "assignments" ? message.tasks : []));
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set(ids.map(idOf)));
    expect(channel.state).toBe("open");
  });

  test("begins with everything, and makes the node ready", async () => {
    await create(store, task("a", "n1"), task("b", "n2"), task("c", "n1", "failed"));
    const channel = await connect();
    const [accepted, ...rest] = channel.take();
    expect(accepted).toMatchObject({ type: "accepted", managers });
    expect(summary(rest)).toEqual([["complete", "a running", "c running"]]);
    expect(store.view().get("node", N1)).toMatchObject({
      status: { state: "ready", address: "10.0.0.1:4000" },
      description: { hostname: "host" },
    });
  });

  test("is refused for good to a stranger, and for now without contact to the leader", async () => {
    const stranger = await connect(idOf("x"));
    expect(stranger.take()).toEqual([{ type: "refused", fatal: true, reason: "node not found" }]);
    expect(stranger.state).toBe("closed");
    barrier = () => Promise.reject(new Error("no quorum"));
    const early = await connect();
    expect(early.take()).toMatchObject([{ type: "refused", fatal: false }]);
    expect(early.state).toBe("closed");
    expect(dispatcher.nodes()).toEqual([]);
    expect(calls).toEqual([]);
  });

  test("starts from the state behind the barrier, not from an older one", async () => {
    let pass: () => void = () => undefined;
    barrier = () => new Promise((resolve) => (pass = resolve));
    const channel = await connect();
    await create(store, task("a", "n1"));
    expect(channel.take()).toEqual([]);
    pass();
    await settle();
    expect(summary(channel.take())).toEqual(["accepted", ["complete", "a running"]]);
  });

  test("replaces the node's older one, without the node being missed", async () => {
    const first = await connected();
    const second = await connected();
    expect(first.state).toBe("destroyed");
    expect(second.state).toBe("open");
    expect(calls).toEqual(["opened", "opened", "closed lost"]);
    expect(dispatcher.nodes()).toEqual([N1]);
    expect(store.view().get("node", N1)!.status.state).toBe("ready");
  });

  test("that ends is reported, with a goodbye or without", async () => {
    const lost = await connected();
    lost.cut();
    await settle();
    const polite = await connected();
    polite.say({ type: "bye" });
    await settle();
    expect(polite.state).toBe("closed");
    expect(closings.map(({ reason }) => reason)).toEqual(["lost", "bye"]);
    expect(store.view().get("node", N1)!.status).toMatchObject({
      state: "down",
      message: "node shut down",
    });
  });

  test("must begin with a hello, soon, and only one", async () => {
    const silent = createMemoryChannel();
    dispatcher.accept(silent.manager);
    const rude = createMemoryChannel();
    dispatcher.accept(rude.manager);
    report(rude, 1);
    await settle();
    expect(rude.state).toBe("destroyed");
    await clock.advance(10_000);
    expect(silent.state).toBe("destroyed");
    const twice = await connected();
    twice.say({ type: "hello", nodeId: N1, description: description() });
    await settle();
    expect(twice.state).toBe("destroyed");
  });

  test("is cut when it sends what is no message", async () => {
    const channel = await connected();
    channel.sayBytes(new Uint8Array([1, 2, 3]));
    await settle();
    expect(channel.state).toBe("destroyed");
    expect(closings).toHaveLength(1);
  });

  test("is cut when the agent takes nothing in for long", async () => {
    const channel = await connected();
    channel.stuck = true;
    await create(store, task("a", "n1"));
    await clock.advance(9_999);
    expect(channel.state).toBe("open");
    await clock.advance(1);
    expect(channel.state).toBe("destroyed");
  });

  test("too many is cut at once", async () => {
    const channels = [1, 2, 3, 4].map(() => createMemoryChannel());
    for (const { manager } of channels) dispatcher.accept(manager);
    expect(channels.map(({ state }) => state)).toEqual(["open", "open", "open", "destroyed"]);
    await Promise.resolve();
  });

  test("ends when the node is removed, or found down by others", async () => {
    const removed = await connected(idOf("n2"));
    await store.update((tx) => tx.delete("node", idOf("n2")));
    await settle();
    expect(removed.take()).toEqual([{ type: "refused", fatal: true, reason: "node not found" }]);
    expect(removed.state).toBe("closed");
    const down = await connected();
    await change(store, ["node", N1], (n) => ({ ...n, status: { ...n.status, state: "down" } }));
    await settle();
    expect(down.state).toBe("destroyed");
    await connected();
    expect(store.view().get("node", N1)!.status.state).toBe("ready");
  });
});

describe("an agent is told", () => {
  test("of changed tasks: at once after a quiet time, then gathered", async () => {
    const channel = await connected();
    await clock.advance(1_000);
    await create(store, task("a", "n1"), task("b", "n1"), task("x", "n2"));
    await settle();
    expect(summary(channel.take())).toEqual([["incremental", "a running", "b running"]]);
    await create(store, task("c", "n1"));
    await change(store, ["task", idOf("a")], (t) => ({ ...t, desiredState: "shutdown" }));
    await store.update((tx) => tx.delete("task", idOf("b")));
    await clock.advance(99);
    expect(channel.take()).toEqual([]);
    await clock.advance(1);
    expect(summary(channel.take())).toEqual([["incremental", "c running", "a shutdown", "b gone"]]);
    expect(clock.timers).toBe(0);
  });

  test("of the managers when they change", async () => {
    const channel = await connected();
    await change(store, ["node", idOf("n2")], (n) => ({
      ...n,
      manager: { raftId: 2, address: "y" },
    }));
    await settle();
    expect(channel.take()).toEqual([]);
    managers = [...managers, { nodeId: idOf("n2"), address: "y" }];
    dispatcher.managersChanged();
    dispatcher.managersChanged();
    await settle();
    expect(channel.take()).toEqual([{ type: "managers", managers }]);
  });

  test("everything anew when the state came from a snapshot", async () => {
    const channel = await connected();
    const other = openStore();
    await create(other, node("n1"), task("a", "n1"));
    await store.restore(100, other.snapshot());
    await settle();
    expect(summary(channel.take())).toEqual([["complete", "a running"]]);
  });
});

describe("statuses", () => {
  beforeEach(() => create(store, task("a", "n1"), task("b", "n1"), task("x", "n2")));

  test("of all sessions go in one batch, and are acknowledged when they are in the state", async () => {
    const one = await connected();
    const two = await connected(idOf("n2"));
    calls = [];
    report(one, 1, ["a", "accepted"]);
    report(one, 2, ["a", "running"], ["b", "failed"]);
    report(two, 1, ["x", "starting"]);
    await settle();
    expect([one.take(), two.take(), calls]).toEqual([[], [], []]);
    await clock.advance(20);
    expect(calls).toEqual(["statuses 4"]);
    expect(["a", "b", "x"].map(stateOf)).toEqual(["running", "failed", "starting"]);
    expect(one.take().at(-1)).toEqual({ type: "status-acknowledged", sequence: 2 });
    expect(two.take()).toEqual([{ type: "status-acknowledged", sequence: 1 }]);
    expect(store.view().get("task", idOf("a"))!.status.appliedAtMs).toBe(clock.now());
  });

  test("of foreign or unknown tasks are not written, but acknowledged", async () => {
    const channel = await connected();
    report(channel, 1, ["x", "failed"], ["nobody", "failed"]);
    await clock.advance(20);
    expect(stateOf("x")).toBe("assigned");
    expect(channel.take()).toEqual([{ type: "status-acknowledged", sequence: 1 }]);
  });

  test("wait while nobody leads, and are acknowledged only then", async () => {
    const channel = await connected();
    gate = () => Promise.reject(new ControlError("no-leader", "x"));
    report(channel, 1, ["a", "running"]);
    await clock.advance(3_000);
    report(channel, 2, ["b", "running"]);
    await clock.advance(20);
    expect(channel.take()).toEqual([]);
    gate = () => Promise.resolve();
    await clock.advance(2_000);
    expect(channel.take().at(-1)).toEqual({ type: "status-acknowledged", sequence: 2 });
    expect(["a", "b"].map(stateOf)).toEqual(["running", "running"]);
  });

  test("go in bounded batches, a full one at once", async () => {
    const channel = await connected();
    calls = [];
    const many = Array.from({ length: 2_500 }, (): [string, TaskState] => ["a", "running"]);
    report(channel, 1, ...many);
    await settle();
    expect(calls).toEqual(["statuses 1000", "statuses 1000", "statuses 500"]);
    expect(channel.take()).toEqual([{ type: "status-acknowledged", sequence: 1 }]);
  });

  test("that the leader will never take do not hold up the others", async () => {
    const channel = await connected();
    gate = () => Promise.reject(new ControlError("invalid-argument", "x"));
    report(channel, 1, ["a", "running"]);
    await clock.advance(20);
    gate = () => Promise.resolve();
    report(channel, 2, ["b", "running"]);
    await clock.advance(20);
    expect(stateOf("b")).toBe("running");
  });
});

describe("a leader", () => {
  test("that cannot be reached hears of a session later, and never of one that is over", async () => {
    gate = () => Promise.reject(new ControlError("no-leader", "x"));
    const short = await connected(idOf("n2"));
    await connected();
    short.cut();
    await clock.advance(500);
    gate = () => Promise.resolve();
    calls = [];
    await clock.advance(2_000);
    expect(calls.sort()).toEqual(["closed lost", "opened"]);
    expect(store.view().get("node", N1)!.status.state).toBe("ready");
    await clock.advance(60_000);
    expect(clock.timers).toBe(0);
  });

  test("that is new is told all sessions, until it knows", async () => {
    await connected();
    await connected(idOf("n2"));
    await change(store, ["node", N1], (n) => ({ ...n, status: { ...n.status, state: "unknown" } }));
    let failures = 2;
    gate = () => (failures-- > 0 ? Promise.reject(new Error("lost")) : Promise.resolve());
    calls = [];
    const announced = dispatcher.announce();
    await clock.advance(1_000);
    await announced;
    expect(calls).toEqual(["announced 2", "announced 2", "announced 2"]);
    expect(store.view().get("node", N1)!.status.state).toBe("ready");
  });

  test("that could not be told for long that a session is over is told which ones are left", async () => {
    const channels = [await connected(), await connected(idOf("n2"))];
    gate = () => Promise.reject(new ControlError("unavailable", "x"));
    for (const channel of channels) channel.cut();
    await clock.advance(60_000);
    gate = () => Promise.resolve();
    calls = [];
    await clock.advance(1_000);
    expect(calls).toEqual(["announced 0"]);
    expect(clock.timers).toBe(2);
    await clock.advance(15_000);
    expect(store.view().get("node", N1)!.status).toMatchObject({
      state: "down",
      message: "heartbeat failure: no session, though seen by gossip",
    });
  });

  test("that took this manager for dead is told its sessions again: their nodes stay", async () => {
    await connected();
    await connected(M1);
    await clock.advance(1_000);
    gossip.say(M1, "dead");
    await settle();
    expect(calls.slice(2)).toEqual(["announced 1", "closed lost"]);
    await clock.advance(60_000);
    expect(store.view().get("node", N1)!.status.state).toBe("ready");
    expect(store.view().get("node", M1)!.status.state).toBe("down");
  });

  test("hears of a changed description", async () => {
    const channel = await connected();
    channel.say({ type: "description", description: description("renamed") });
    await settle();
    expect(store.view().get("node", N1)!.description!.hostname).toBe("renamed");
  });
});

test("a stopped dispatcher has cut everything and leaves no timer", async () => {
  const channel = await connected();
  const waiting = createMemoryChannel();
  dispatcher.accept(waiting.manager);
  await dispatcher.stop();
  expect([channel.state, waiting.state]).toEqual(["destroyed", "destroyed"]);
  const late = createMemoryChannel();
  dispatcher.accept(late.manager);
  expect(late.state).toBe("destroyed");
});
