import { describe, expect, test } from "vitest";
import { Single, entry } from "./single.ts";

describe("5.2", () => {
  test("a leader sends heartbeats at every heartbeat interval", () => {
    const single = new Single([1, 2, 3], { heartbeatTicks: 2 }).lead();
    expect(single.tick().take()).toEqual([]);
    expect(
      single
        .tick()
        .take()
        .map(({ type, to }) => [type, to]),
    ).toEqual([
      ["heartbeat", 2],
      ["heartbeat", 3],
    ]);
  });

  test("a follower campaigns when it hears nothing: new term, own vote, requests to all", () => {
    const single = new Single().tick(9);
    expect(single.take()).toEqual([]);
    single.tick();
    expect(single.core.status()).toMatchObject({ role: "candidate", term: 2, vote: 1 });
    const end = { index: 1, logTerm: 1 };
    const request = { type: "vote", term: 2, ...end, transfer: false, priority: 0 };
    expect(single.take()).toEqual([2, 3].map((to) => ({ ...request, from: 1, to })));
  });

  test("the vote is durable before anything that depends on it leaves", () => {
    const { core } = new Single();
    core.campaign();
    const ready = core.ready();
    expect(ready.hardState).toMatchObject({ term: 2, vote: 1 });
    expect(ready.mustSync).toBe(true);
    expect(ready.messages).toEqual([]);
    expect(ready.messagesAfterPersist.map(({ type }) => type)).toEqual(["vote", "vote"]);
    // Not even its own vote counts before.
    const alone = new Single([1]);
    alone.core.campaign();
    alone.core.ready();
    expect(alone.core.status().role).toBe("candidate");
    alone.core.advance();
    expect(alone.core.status().role).toBe("leader");
  });

  test.each([
    { voters: 1, yes: [], no: [], role: "leader" },
    { voters: 3, yes: [2], no: [], role: "leader" },
    { voters: 3, yes: [2], no: [3], role: "leader" },
    { voters: 3, yes: [], no: [2], role: "candidate" },
    { voters: 3, yes: [], no: [2, 3], role: "follower" },
    { voters: 5, yes: [2], no: [], role: "candidate" },
    { voters: 5, yes: [2, 3], no: [4, 5], role: "leader" },
    { voters: 5, yes: [2], no: [3, 4, 5], role: "follower" },
    { voters: 4, yes: [2], no: [3], role: "candidate" },
  ])("$yes for and $no against of $voters voters: $role", ({ voters, yes, no, role }) => {
    const single = new Single(Array.from({ length: voters }, (_, at) => at + 1)).tick(10);
    for (const id of no) single.from(id, "vote-response", { term: 2, reject: true });
    for (const id of yes) single.from(id, "vote-response", { term: 2 });
    expect(single.core.status()).toMatchObject({ role, term: 2 });
  });

  test("the first answer of a voter counts, and outsiders do not", () => {
    const single = new Single([1, 2, 3, 4, 5]).tick(10);
    single.from(2, "vote-response", { reject: true }).from(2, "vote-response");
    single.from(3, "vote-response").from(8, "vote-response").from(9, "vote-response");
    expect(single.core.status().role).toBe("candidate");
  });

  test("one vote per term, repeated to the same candidate", () => {
    const single = new Single();
    const ask = (id: number): unknown => {
      const request = { term: 2, index: 1, logTerm: 1 };
      return single
        .from(id, "vote", request)
        .take()
        .map((m) => "reject" in m && m.reject)[0];
    };
    expect([ask(2), ask(3), ask(2)]).toEqual([false, true, false]);
  });

  test("a lost election does not free the vote of its term", () => {
    const single = new Single().tick(10);
    single.from(2, "vote-response", { reject: true }).from(3, "vote-response", { reject: true });
    single.take();
    expect(single.core.status()).toMatchObject({ role: "follower", term: 2, vote: 1 });
    single.from(2, "vote", { term: 2, index: 9, logTerm: 1 });
    expect(single.take()).toMatchObject([{ type: "vote-response", reject: true }]);
  });

  test("no vote while a leader is known in this term", () => {
    const single = new Single().from(2, "heartbeat", { term: 2 });
    single.take();
    single.from(3, "vote", { term: 2, index: 9, logTerm: 2 });
    expect(single.take()).toEqual([
      expect.objectContaining({ type: "vote-response", reject: true }),
    ]);
  });

  test("a candidate steps down for the leader of its term", () => {
    const single = new Single().tick(10).from(3, "append", { index: 1, logTerm: 1 });
    expect(single.core.status()).toMatchObject({ role: "follower", leader: 3, term: 2 });
  });

  test("timeouts are random between one and two election timeouts, drawn anew for each", () => {
    for (const [random, ticks] of [
      [0, 10],
      [0.5, 15],
      [0.99, 19],
    ] as const) {
      const single = new Single([1, 2, 3], { random: () => random });
      single.tick(ticks - 1);
      expect(single.core.status().role).toBe("follower");
      single.tick();
      expect(single.core.status()).toMatchObject({ role: "candidate", term: 2 });
      single.tick(ticks);
      expect(single.core.status().term).toBe(3);
    }
  });

  test("a granted vote restarts the clock, a refused one does not", () => {
    const granted = new Single().tick(9).from(2, "vote", { term: 2, index: 1, logTerm: 1 }).tick(9);
    expect(granted.core.status().role).toBe("follower");
    const refused = new Single().from(2, "heartbeat").tick(9);
    refused.from(3, "vote", { term: 1, index: 1, logTerm: 1 }).tick();
    expect(refused.core.status().role).toBe("candidate");
  });
});

describe("who may not campaign", () => {
  test("one that is no voter", () => {
    const single = new Single([2, 3]);
    single.core.campaign();
    single.tick(30);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 1 });
  });

  test("one that has a change of the members to apply", () => {
    const single = new Single();
    const change = { ...entry(2, 1), kind: "conf-change-v2", data: Uint8Array.of(0x12, 2, 16, 4) };
    single.core.step({
      from: 2,
      to: 1,
      term: 1,
      type: "append",
      index: 1,
      logTerm: 1,
      entries: [change],
      commit: 2,
    } as never);
    single.core.campaign();
    expect(single.core.status().role).toBe("follower");
    single.run();
    single.core.campaign();
    expect(single.core.status().role).toBe("candidate");
  });

  test("one that is installing a snapshot", () => {
    const single = new Single();
    const confState = single.core.status().confState;
    const metadata = { index: 9, term: 1, confState };
    single.core.step({
      from: 2,
      to: 1,
      term: 1,
      type: "snapshot",
      snapshot: { metadata, data: new Uint8Array(0) },
    } as never);
    single.core.campaign();
    expect(single.core.status().role).toBe("follower");
    single.run();
    single.core.campaign();
    expect(single.core.status().role).toBe("candidate");
  });
});
