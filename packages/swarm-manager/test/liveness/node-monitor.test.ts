import { beforeEach, describe, expect, test } from "vitest";
import { createNodeMonitor, type NodeMonitor } from "../../src/index.ts";
import { createFakeGossip, type FakeGossip } from "../support/fake-gossip.ts";
import { createManualClock, settle, type ManualClock } from "../support/manual-clock.ts";
import { change, create, openStore } from "../support/open-store.ts";
import { idOf, managerNode, node } from "../support/samples.ts";
import type { SwarmStore } from "@waggle/swarm-state";

const N1 = idOf("n1");
const M1 = idOf("m1");
const M2 = idOf("m2");

let store: SwarmStore;
let clock: ManualClock;
let gossip: FakeGossip;
let monitor: NodeMonitor;

beforeEach(async () => {
  clock = createManualClock();
  store = openStore(() => clock.now());
  gossip = createFakeGossip();
  monitor = createNodeMonitor({ store, clock, gossip });
  await create(store, node("n1"), managerNode("m1", 1), managerNode("m2", 2));
});

const statusOf = (id: string) => {
  const { state, message } = store.view().get("node", id)!.status;
  return state === "ready" ? state : `${state}: ${message}`;
};
const open = (sessionId = "s1", nodeId = N1, managerId = M1) =>
  monitor.sessionOpened({ managerId, nodeId, sessionId });
const close = (reason: "bye" | "lost" = "lost", sessionId = "s1", managerId = M1) =>
  monitor.sessionClosed({ managerId, nodeId: N1, sessionId, reason });

/** A leader that has led for long, with a session of N1. */
const settled = async () => {
  monitor.start();
  open();
  await clock.advance(60_000);
};

describe("a worker that is killed", () => {
  test("is probed at once and down after the loss grace", async () => {
    await settled();
    close();
    expect(gossip.probed).toEqual([N1]);
    await clock.advance(1_000);
    gossip.say(N1, "suspect");
    await clock.advance(1_499);
    expect(statusOf(N1)).toBe("ready");
    await clock.advance(1);
    expect(statusOf(N1)).toBe("down: heartbeat failure: session lost and not seen by gossip");
    expect(statusOf(M1)).toBe("ready");
    expect(clock.timers).toBe(0);
  });

  test("is down as soon as gossip has found out, if that took longer than the grace", async () => {
    await settled();
    close();
    await clock.advance(4_000);
    expect(statusOf(N1)).toBe("ready");
    gossip.say(N1, "suspect");
    await settle();
    expect(statusOf(N1)).toMatch(/^down/);
  });

  test("is down when gossip finds it dead although its session still stands", async () => {
    await settled();
    gossip.say(N1, "dead");
    await settle();
    expect(statusOf(N1)).toMatch(/^down/);
  });
});

describe("a node that is only troubled", () => {
  test("frozen for a moment, it stays: its session stands and gossip takes the suspicion back", async () => {
    await settled();
    gossip.say(N1, "suspect");
    await clock.advance(2_000);
    gossip.say(N1, "alive");
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
  });

  test("changing its manager, it stays, in whatever order the managers report", async () => {
    await settled();
    open("s2", N1, M2);
    close("lost", "s1", M1);
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    close("lost", "s2", M2);
    await clock.advance(1_000);
    open("s3");
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
  });

  test("without a session but alive in gossip, it stays for the absence time only", async () => {
    await settled();
    close();
    await clock.advance(14_999);
    expect(statusOf(N1)).toBe("ready");
    await clock.advance(1);
    expect(statusOf(N1)).toBe("down: heartbeat failure: no session, though seen by gossip");
  });

  test("that cannot be reached by gossip stays once it has come back over a session", async () => {
    await settled();
    gossip.say(N1, "dead");
    await settle();
    await clock.advance(100);
    open("s2");
    await change(store, ["node", N1], (found) => ({
      ...found,
      status: { ...found.status, state: "ready", message: "" },
    }));
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
  });
});

test("a goodbye counts at once, also for a session that this leader never heard of", async () => {
  monitor.start();
  close("bye", "unheard");
  await settle();
  expect(statusOf(N1)).toBe("down: node shut down");
});

test("a goodbye to an old session does not count while a newer one is open", async () => {
  await settled();
  open("s2");
  close("bye", "s1");
  await clock.advance(60_000);
  expect(statusOf(N1)).toBe("ready");
});

test("a dead manager's sessions are lost, and their nodes have time to go elsewhere", async () => {
  await settled();
  gossip.say(M1, "dead");
  await settle();
  expect(statusOf(M1)).toMatch(/^down/);
  expect(statusOf(N1)).toBe("ready");
  gossip.say(N1, "suspect");
  await clock.advance(2_500);
  expect(statusOf(N1)).toMatch(/^down/);
});

describe("a manager that could not tell of the end of its sessions", () => {
  const demote = () =>
    change(store, ["node", M1], (found) => ({
      ...found,
      spec: { ...found.spec, role: "worker" },
      manager: undefined,
    }));

  test("has none any more once it is demoted: a node that moved on can be missed", async () => {
    await settled();
    await demote();
    await clock.advance(1_000);
    open("s2", N1, M2);
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    close("lost", "s2", M2);
    gossip.say(N1, "suspect");
    await clock.advance(2_500);
    expect(statusOf(N1)).toBe("down: heartbeat failure: session lost and not seen by gossip");
  });

  test("is demoted: a node that moved on before stays, and its goodbye counts at once", async () => {
    await settled();
    open("s2", N1, M2);
    gossip.say(N1, "suspect");
    await demote();
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    close("bye", "s2", M2);
    await settle();
    expect(statusOf(N1)).toBe("down: node shut down");
  });

  test("keeps them until it is out of the group, not only until somebody wants it out", async () => {
    await settled();
    gossip.say(N1, "suspect");
    await change(store, ["node", M1], (found) => ({
      ...found,
      spec: { ...found.spec, role: "worker" },
    }));
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
  });

  test("has none any more once its node is removed, or missing in a snapshot", async () => {
    await settled();
    open("s2", N1, M2);
    gossip.say(N1, "suspect");
    await store.update((tx) => tx.delete("node", M1));
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    expect(clock.timers).toBe(0);
    const other = openStore();
    await create(other, node("n1"), managerNode("m1", 1));
    await store.restore(100, other.snapshot());
    expect(clock.timers).toBe(1);
  });

  test("opens none with what comes late, and is told to say it again in case it is early", async () => {
    await settled();
    open("s2", N1, M2);
    await demote();
    const refused: unknown = expect.objectContaining({ code: "unavailable" });
    expect(() => open("s3")).toThrow(refused);
    const sessions = [{ nodeId: N1, sessionId: "s3" }];
    expect(() => monitor.sessionsAnnounced({ managerId: M1, sessions })).toThrow(refused);
    expect(() => open("s3", N1, idOf("stranger"))).toThrow(refused);
    close("bye", "s2", M2);
    await settle();
    expect(statusOf(N1)).toBe("down: node shut down");
  });

  test("opens some as soon as it joins, before it is written down as a member", async () => {
    await create(store, { ...managerNode("m3", 3), manager: undefined });
    await settled();
    open("s2", N1, idOf("m3"));
    close();
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
  });

  test("was started anew: its announcement ends those of the process before", async () => {
    await settled();
    open("s2", N1, M2);
    monitor.sessionsAnnounced({ managerId: M1, sessions: [] });
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    close("bye", "s2", M2);
    await settle();
    expect(statusOf(N1)).toBe("down: node shut down");
  });
});

describe("a new leader", () => {
  test("leaves nodes alone that gossip sees, session or not", async () => {
    monitor.start();
    await clock.advance(1e6);
    expect(statusOf(N1)).toBe("ready");
  });

  test("gives the unseen their time, and adopts those that are announced", async () => {
    gossip = createFakeGossip("suspect");
    monitor = createNodeMonitor({ store, clock, gossip });
    monitor.start();
    await clock.advance(9_000);
    monitor.sessionsAnnounced({
      managerId: M1,
      sessions: [
        { nodeId: N1, sessionId: "s1" },
        { nodeId: M1, sessionId: "s2" },
      ],
    });
    await clock.advance(1_000);
    expect([N1, M1].map(statusOf)).toEqual(["ready", "ready"]);
    expect(statusOf(M2)).toBe("down: heartbeat failure: no session and not seen by gossip");
    monitor.sessionsAnnounced({
      managerId: M1,
      sessions: [{ nodeId: M1, sessionId: "s2" }],
    });
    await clock.advance(2_500);
    expect(statusOf(N1)).toMatch(/^down/);
    expect(statusOf(M1)).toBe("ready");
  });

  test("remembers nothing of its last term, and does nothing between terms", async () => {
    await settled();
    close();
    monitor.stop();
    expect(clock.timers).toBe(0);
    expect(gossip.listeners).toBe(0);
    expect(() => open("s2")).toThrow(expect.objectContaining({ code: "no-leader" }));
    await clock.advance(60_000);
    monitor.start();
    await clock.advance(60_000);
    expect(statusOf(N1)).toBe("ready");
    monitor.stop();
  });
});

test("a verdict that could not be written is written later, if it still holds", async () => {
  await settled();
  store.stopLeading();
  gossip.say(N1, "dead");
  gossip.say(M2, "dead");
  await settle();
  expect(clock.timers).toBe(1);
  open("s2", M2, M1);
  store.startLeading();
  await clock.advance(500);
  expect(statusOf(N1)).toMatch(/^down/);
  expect(statusOf(M2)).toBe("ready");
  expect(clock.timers).toBe(0);
});

test("many deaths at once are few transactions", async () => {
  const ids = Array.from({ length: 200 }, (_, at) => `w${at}x`);
  await create(store, ...ids.map((id) => node(id)));
  await settled();
  let events = 0;
  store.subscribe(() => (events += 1));
  for (const id of ids) gossip.say(idOf(id), "dead");
  await settle();
  expect(ids.every((id) => statusOf(idOf(id)).startsWith("down"))).toBe(true);
  expect(events).toBeLessThanOrEqual(3);
});

test("a removed node is forgotten", async () => {
  await settled();
  close();
  await store.update((tx) => tx.delete("node", N1));
  expect(clock.timers).toBe(0);
  gossip.say(N1, "dead");
  open("s9");
  await clock.advance(60_000);
  expect(store.view().get("node", N1)).toBeUndefined();
});

test("times that make no sense are refused", () => {
  const make = (options: object) => () => createNodeMonitor({ store, clock, gossip, options });
  expect(make({ sessionLossGraceMs: -1 })).toThrow(/sessionLossGraceMs/);
  expect(make({ sessionLossGraceMs: 5_000, sessionAbsenceMs: 4_000 })).toThrow(
    /must not be shorter/,
  );
});
