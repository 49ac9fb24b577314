import { describe, expect, test } from "vitest";
import { change, members } from "../membership/change-text.ts";
import { Single, entry } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

// Every test is named after the fault that it catches; `faults.ts` says how to commit it.
const request = { index: 1, logTerm: 1 };
const metadata = { index: 9, term: 1, confState: members({ voters: [1, 2, 3] }) };
const snapshot = { metadata, data: new Uint8Array(0) };

/** Did the one answer that was sent refuse? */
function refused(single: Single): boolean {
  const [answer, ...others] = single.take();
  expect(others).toEqual([]);
  if (answer === undefined || !("reject" in answer)) throw new Error("no answer to a vote");
  return answer.reject;
}

describe("voting", () => {
  test("a vote is granted although a leader is known in this term", () => {
    const single = new Single().from(2, "heartbeat", { term: 2 });
    single.take();
    expect(refused(single.from(3, "vote", { term: 2, index: 9, logTerm: 2 }))).toBe(true);
    single.core.forgetLeader();
    expect(refused(single.from(3, "vote", { term: 2, index: 9, logTerm: 2 }))).toBe(false);
  });

  test("a refused vote starts the election timer anew", () => {
    const single = new Single().from(2, "heartbeat").tick(9);
    single.take();
    expect(refused(single.from(3, "vote", request))).toBe(true);
    expect(single.tick().core.status().role).toBe("candidate");
  });

  test("the vote of a term is forgotten without a new term", () => {
    const single = new Single().tick(10);
    single.from(2, "vote-response", { reject: true }).from(3, "vote-response", { reject: true });
    single.take();
    expect(refused(single.from(2, "vote", { ...request, index: 9 }))).toBe(true);
  });

  test("a vote that was cast is not repeated", () => {
    const single = new Single();
    const ask = (id: number): boolean => refused(single.from(id, "vote", { ...request, term: 2 }));
    expect([ask(2), ask(2), ask(3)]).toEqual([false, false, true]);
  });

  test("a learner refuses its vote", () => {
    const initial = stored([1], { members: members({ voters: [2, 3], learners: [1] }) });
    const single = new Single([], { initial });
    expect(refused(single.from(2, "vote", { ...request, term: 2 }))).toBe(false);
  });

  test("the log of a candidate is not looked at", () => {
    const single = new Single([], { initial: stored([1, 1, 2]) });
    expect(refused(single.from(2, "vote", { term: 3, index: 2, logTerm: 2 }))).toBe(true);
    expect(refused(single.from(3, "vote", { term: 3, index: 3, logTerm: 2 }))).toBe(false);
  });

  test("a longer log counts more than a later term", () => {
    const single = new Single([], { initial: stored([1, 1, 2]) });
    expect(refused(single.from(2, "vote", { term: 3, index: 9, logTerm: 1 }))).toBe(true);
  });

  test("a vote leaves before it is durable", () => {
    const { core } = new Single();
    core.step({
      type: "vote",
      from: 2,
      to: 1,
      term: 2,
      ...request,
      transfer: false,
      priority: 0,
    } as never);
    const { messages, messagesAfterPersist } = core.ready();
    expect(messages).toEqual([]);
    expect(messagesAfterPersist).toMatchObject([{ type: "vote-response", reject: false }]);
  });

  test("term and vote are not synced", () => {
    const single = new Single().from(2, "vote", { ...request, term: 2 });
    expect(single.readies.at(-1)).toMatchObject({ hardState: { vote: 2 }, mustSync: true });
  });
});

describe("counting votes", () => {
  test("a second answer of a voter replaces its first", () => {
    const single = new Single([1, 2, 3, 4, 5]).tick(10);
    single.from(2, "vote-response", { reject: true }).from(2, "vote-response");
    single.from(3, "vote-response");
    expect(single.core.status().role).toBe("candidate");
    single.from(4, "vote-response");
    expect(single.core.status().role).toBe("leader");
  });

  test("half of the voters elect", () => {
    const single = new Single([1, 2, 3, 4]).tick(10).from(2, "vote-response");
    expect(single.core.status().role).toBe("candidate");
  });

  test("one half of a joint configuration elects", () => {
    const both = members({ voters: [1, 2, 3], votersOutgoing: [1, 4, 5] });
    const single = new Single([], { initial: stored([1], { members: both }) }).tick(10);
    single.from(2, "vote-response").from(3, "vote-response");
    expect(single.core.status().role).toBe("candidate");
    expect(single.from(5, "vote-response").core.status().role).toBe("leader");
  });

  test("a candidate counts its own vote before it is durable", () => {
    const { core } = new Single();
    core.campaign();
    core.ready();
    core.step({ type: "vote-response", from: 2, to: 1, term: 2, reject: false } as never);
    expect(core.status().role).toBe("candidate");
    core.advance();
    expect(core.status().role).toBe("leader");
  });

  test("a candidate that was removed meanwhile leads", () => {
    const single = new Single().tick(10);
    single.core.applyConfChange(change("r1"));
    single.from(2, "vote-response").from(3, "vote-response");
    expect(single.core.status()).toMatchObject({ role: "follower", term: 2 });
  });

  test("an answer of a stranger is believed its term", () => {
    const single = new Single().lead().from(9, "vote-response", { term: 7, reject: true });
    expect(single.core.status()).toMatchObject({ role: "leader", term: 2 });
  });
});

describe("the lease of a leader", () => {
  const near = (options = {}): Single => {
    const single = new Single([1, 2, 3], { checkQuorum: true, ...options });
    single.from(2, "heartbeat", { term: 2 }).take();
    return single;
  };

  test("the lease holds against an election that the leader asked for", () => {
    const single = near().from(3, "vote", { ...request, term: 3, transfer: true });
    expect(refused(single)).toBe(false);
  });

  test("the lease does not hold against others", () => {
    const single = near()
      .tick(9)
      .from(3, "vote", { ...request, term: 3 });
    expect(single.take()).toEqual([]);
    expect(single.core.status().term).toBe(2);
  });

  test("the lease lasts as long as the random timeout", () => {
    const single = near({ random: () => 0.9 }).tick(10);
    expect(refused(single.from(3, "vote", { ...request, term: 3 }))).toBe(false);
  });

  test("a leader that hears no quorum leads on", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead().tick(10);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 2, leader: 0 });
  });

  test("an answer to the leader counts in every later period", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead().tick(9);
    single.from(2, "heartbeat-response").tick(1);
    expect(single.core.status().role).toBe("leader");
    expect(single.tick(10).core.status().role).toBe("follower");
  });

  test("a leader that was cut off is not told of the later term", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).from(2, "heartbeat", { term: 5 });
    single.take();
    single.from(3, "heartbeat", { term: 4 });
    expect(single.take()).toMatchObject([{ type: "append-response", to: 3, term: 5 }]);
  });
});

describe("pre-vote", () => {
  const asking = (voters = [1, 2, 3]): Single => new Single(voters, { preVote: true });

  test("a pre-vote of an earlier term is dropped instead of refused", () => {
    const single = asking().from(2, "heartbeat", { term: 5 });
    single.take();
    single.from(3, "pre-vote", { ...request, term: 3 });
    const answer = { type: "pre-vote-response", to: 3, term: 5, reject: true };
    expect(single.take()).toMatchObject([answer]);
  });

  test("a pre-vote changes the term or the vote", () => {
    const single = asking().from(2, "pre-vote", { ...request, term: 9 });
    expect(refused(single)).toBe(false);
    expect(single.core.status()).toMatchObject({ term: 1, vote: 0 });
  });

  test("a granted pre-vote names the voter's term instead of the one asked for", () => {
    const single = asking().from(2, "pre-vote", { ...request, term: 2 });
    expect(single.take()).toMatchObject([{ type: "pre-vote-response", term: 2, reject: false }]);
  });

  test("a pre-vote granted for another term counts", () => {
    const single = asking().tick(10).from(2, "pre-vote-response", { term: 2 }).tick(10);
    expect(single.core.status()).toMatchObject({ role: "pre-candidate", term: 2 });
    expect(single.from(3, "pre-vote-response", { term: 2 }).core.status().role).toBe(
      "pre-candidate",
    );
  });

  test("a pre-candidate keeps the answers to its last question", () => {
    const single = asking([1, 2, 3, 4, 5]).tick(10).from(2, "pre-vote-response", { term: 2 });
    single.tick(10).from(3, "pre-vote-response", { term: 2 });
    expect(single.core.status().role).toBe("pre-candidate");
    expect(single.from(4, "pre-vote-response", { term: 2 }).core.status().role).toBe("candidate");
  });

  test("a pre-candidate keeps its leader", () => {
    const single = asking().from(2, "heartbeat").tick(10);
    expect(single.core.status()).toMatchObject({ role: "pre-candidate", leader: 0 });
  });
});

describe("priority", () => {
  const asked = (options: object, fields: object): boolean => {
    const single = new Single([1, 2, 3], { priority: 5, ...options });
    return refused(single.from(2, "vote", { ...request, term: 2, priority: 1, ...fields }));
  };

  test("a member of higher priority lets one of lower priority win", () => {
    expect(asked({}, {})).toBe(true);
    expect(asked({}, { priority: 5 })).toBe(false);
  });

  test("priority counts more than a longer log", () => {
    expect(asked({}, { index: 9 })).toBe(false);
    expect(asked({ initial: stored([1, 1]) }, { index: 1, logTerm: 2 })).toBe(false);
  });

  test("a member that cannot campaign refuses by its priority", () => {
    const initial = stored([1], { members: members({ voters: [2, 3], learners: [1] }) });
    expect(asked({ initial }, {})).toBe(false);
  });

  test("a transfer is refused by priority", () => {
    expect(asked({}, { transfer: true })).toBe(false);
  });
});

describe("who campaigns, and when", () => {
  /** All that makes a member campaign, for longer than any timeout. */
  const urge = (single: Single): void => {
    single.core.campaign();
    for (let tick = 0; tick < 25; tick += 1) single.core.tick();
    single.core.step({ type: "timeout-now", from: 2, to: 1, term: 1 } as never);
  };

  test.each(["conf-change", "conf-change-v2"])(
    "a member campaigns with a committed change of the members that it did not apply (%s)",
    (kind) => {
      const single = new Single();
      const entries = [{ ...entry(2, 1), kind, data: new Uint8Array(0) }];
      const append = { type: "append", from: 2, to: 1, term: 1, index: 1, logTerm: 1, commit: 2 };
      single.core.step({ ...append, entries } as never);
      urge(single);
      expect(single.core.status()).toMatchObject({ role: "follower", term: 1 });
      single.run().core.campaign();
      expect(single.core.status()).toMatchObject({ role: "candidate", term: 2 });
    },
  );

  test("a member campaigns while a snapshot waits to be installed", () => {
    const single = new Single();
    single.core.step({ type: "snapshot", from: 2, to: 1, term: 1, snapshot } as never);
    urge(single);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 1 });
    single.run().core.campaign();
    expect(single.core.status()).toMatchObject({ role: "candidate", term: 2 });
  });

  test("a learner campaigns", () => {
    const initial = stored([1], { members: members({ voters: [2, 3], learners: [1] }) });
    const single = new Single([], { initial });
    urge(single);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 1 });
  });

  test("a member that was removed campaigns", () => {
    const single = new Single([2, 3]);
    urge(single);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 1 });
  });

  test("the election timeout is not random", () => {
    const campaignsAfter = (random: number): number => {
      const single = new Single([1, 2, 3], { random: () => random });
      for (let ticks = 1; ; ticks += 1)
        if (single.tick().core.status().role === "candidate") return ticks;
    };
    const drawn = Array.from({ length: 100 }, (_, at) => campaignsAfter(at / 100));
    expect(new Set(drawn)).toEqual(new Set([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]));
  });
});
