import { describe, expect, test } from "vitest";
import { Single, entry } from "./single.ts";
import { stored } from "./stored.ts";

/** Entries of one term from `from` to `to`. */
const run = (from: number, to: number, term: number): object[] =>
  Array.from({ length: to - from + 1 }, (_, at) => entry(from + at, term));

/** Asks for an append and gives the one answer. */
function append(single: Single, fields: object): object {
  single.take();
  const answers = single.from(2, "append", fields).take();
  expect(answers).toHaveLength(1);
  return answers[0]!;
}

function vote(single: Single, id: number, fields: object): object {
  single.take();
  const answers = single.from(id, "vote", fields).take();
  expect(answers).toHaveLength(1);
  return answers[0]!;
}

describe("Figure 2, State", () => {
  test("persistent: currentTerm, votedFor and log[] are on the disk before RPCs are answered", () => {
    const { core } = new Single();
    core.step({
      ...{ type: "append", from: 2, to: 1, term: 4, index: 1, logTerm: 1, commit: 1 },
      entries: [entry(2, 4)],
    } as never);
    const ready = core.ready();
    expect(ready).toMatchObject({ hardState: { term: 4, vote: 0 }, entries: [{ index: 2 }] });
    expect(ready).toMatchObject({ mustSync: true, messages: [] });
    expect(ready.messagesAfterPersist).toMatchObject([{ type: "append-response" }]);
  });

  test("persistent: a member that starts again has them", () => {
    const initial = stored([1, 2, 2], { term: 5, vote: 3, commit: 2 });
    const status = new Single([], { initial }).core.status();
    expect(status).toMatchObject({ role: "follower", term: 5, vote: 3, lastIndex: 3, leader: 0 });
  });

  test("volatile: commitIndex and lastApplied start at what is certain and only rise", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1]) });
    expect(single.core.status()).toMatchObject({ commit: 1, applied: 1 });
    for (const commit of [3, 2, 4, 1]) single.from(2, "heartbeat", { commit });
    expect(single.core.status()).toMatchObject({ commit: 4, applied: 4 });
    const applied = single.readies.flatMap(({ committedEntries }) => committedEntries);
    expect(applied.map(({ index }) => index)).toEqual([2, 3, 4]);
  });

  test("volatile on leaders: nextIndex starts after the last entry, matchIndex at 0, after every election", () => {
    const single = new Single([], { initial: stored([1, 1, 2]) }).lead();
    expect(single.peer(2)).toMatchObject({ match: 0, next: 4 });
    single.ack(2).from(3, "heartbeat", { term: 9 });
    single.lead();
    expect(single.peer(2)).toMatchObject({ match: 0, next: 5 });
  });
});

describe("Figure 2, AppendEntries RPC, receiver", () => {
  const follower = (): Single => new Single([], { initial: stored([1, 1, 2, 2], { term: 3 }) });

  test("1: replies false if term < currentTerm", () => {
    const single = new Single([], {
      initial: stored([1, 1, 2, 2], { term: 3 }),
      checkQuorum: true,
    });
    // The answer carries the present term, by which the old leader steps down.
    const answer = append(single, { term: 2, index: 4, logTerm: 2, entries: [entry(5, 2)] });
    expect(answer).toMatchObject({ type: "append-response", term: 3, index: 0 });
    expect(single.core.status().lastIndex).toBe(4);
    const old = new Single().lead().from(2, "append-response", { ...answer, from: 2, to: 1 });
    expect(old.core.status()).toMatchObject({ role: "follower", term: 3 });
  });

  test.each([
    { prev: "beyond the end", index: 5, logTerm: 2 },
    { prev: "of another term", index: 3, logTerm: 1 },
  ])("2: replies false if the log has no matching entry at prevLogIndex ($prev)", (position) => {
    const single = follower();
    const entries = [entry(position.index + 1, 3)];
    expect(append(single, { term: 3, ...position, entries })).toMatchObject({ reject: true });
    expect(single.core.status().lastIndex).toBe(4);
  });

  test("3: deletes a conflicting entry and all that follow it", () => {
    const single = follower();
    append(single, { term: 3, index: 2, logTerm: 1, entries: [entry(3, 3)] });
    expect(single.core.status().lastIndex).toBe(3);
    expect(append(single, { term: 3, index: 3, logTerm: 3 })).toMatchObject({ reject: false });
  });

  test("3: but nothing when the entries are there already", () => {
    const single = follower();
    append(single, { term: 3, index: 1, logTerm: 1, entries: [entry(2, 1)] });
    expect(single.core.status().lastIndex).toBe(4);
    expect(single.readies.flatMap(({ entries }) => entries)).toEqual([]);
  });

  test("4: appends the entries that are not in the log", () => {
    const single = follower();
    const entries = [entry(4, 2), ...run(5, 6, 3)];
    const answer = append(single, { term: 3, index: 3, logTerm: 2, entries });
    expect(answer).toMatchObject({ reject: false, index: 6 });
    const written = single.readies.flatMap((ready) => ready.entries);
    expect(written.map(({ index }) => index)).toEqual([5, 6]);
  });

  test.each([
    { leaderCommit: 3, last: 6, commit: 3 },
    { leaderCommit: 6, last: 6, commit: 6 },
    { leaderCommit: 9, last: 5, commit: 5 },
  ])("5: commitIndex = min($leaderCommit, index of last new entry $last)", (given) => {
    const single = follower();
    const entries = run(5, given.last, 3);
    append(single, { term: 3, index: 4, logTerm: 2, entries, commit: given.leaderCommit });
    expect(single.core.status().commit).toBe(given.commit);
  });
});

describe("Figure 2, RequestVote RPC, receiver", () => {
  const end = { index: 3, logTerm: 2 };
  const voter = (vote = 0): Single =>
    new Single([], { initial: stored([1, 1, 2], { term: 3, vote }) });

  test("1: does not grant if term < currentTerm", () => {
    const single = voter().from(2, "vote", { term: 2, ...end });
    expect(single.take()).toEqual([]);
    expect(single.core.status()).toMatchObject({ term: 3, vote: 0 });
  });

  test.each([
    { votedFor: 0, candidate: 2, granted: true },
    { votedFor: 2, candidate: 2, granted: true },
    { votedFor: 3, candidate: 2, granted: false },
  ])("2: grants to $candidate if votedFor is null or the same ($votedFor)", (given) => {
    const answer = vote(voter(given.votedFor), given.candidate, { term: 3, ...end });
    expect(answer).toMatchObject({ type: "vote-response", term: 3, reject: !given.granted });
  });

  test.each([
    { index: 3, logTerm: 2, granted: true },
    { index: 2, logTerm: 3, granted: true },
    { index: 2, logTerm: 2, granted: false },
    { index: 9, logTerm: 1, granted: false },
  ])("2: and only to a log that is up to date ($index:$logTerm)", ({ granted, ...log }) => {
    expect(vote(voter(), 2, { term: 4, ...log })).toMatchObject({ reject: !granted });
  });
});

describe("Figure 2, Rules for Servers", () => {
  test("all: if commitIndex > lastApplied, apply in order", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1]), maxCommittedBytesPerReady: 1 });
    single.from(2, "heartbeat", { commit: 4 });
    const batches = single.readies.map((ready) => ready.committedEntries.map(({ index }) => index));
    expect(batches.filter(({ length }) => length > 0)).toEqual([[2], [3], [4]]);
  });

  test.each(["append", "heartbeat", "vote", "vote-response", "append-response"] as const)(
    "all: a later term in %s makes a follower of everyone",
    (type) => {
      for (const begin of [new Single(), new Single().tick(10), new Single().lead()]) {
        begin.from(2, type, { term: 9, index: 1, logTerm: 1 });
        expect(begin.core.status()).toMatchObject({ role: "follower", term: 9 });
      }
    },
  );

  test("followers: respond to candidates and leaders, and become candidates when they hear nothing", () => {
    const single = new Single().tick(9);
    expect(single.take()).toEqual([]);
    single.from(2, "heartbeat").tick(9);
    expect(single.take()).toMatchObject([{ type: "heartbeat-response" }]);
    expect(single.tick().core.status().role).toBe("candidate");
  });

  test("candidates: increment the term, vote for themselves, reset the timer, ask all others", () => {
    const single = new Single().tick(10);
    expect(single.core.status()).toMatchObject({ role: "candidate", term: 2, vote: 1 });
    expect(single.take()).toMatchObject([
      { type: "vote", to: 2, term: 2, index: 1, logTerm: 1 },
      { type: "vote", to: 3, term: 2, index: 1, logTerm: 1 },
    ]);
    expect(single.tick(9).take()).toEqual([]);
  });

  test("candidates: lead with a majority, follow a new leader, or start again", () => {
    expect(new Single().tick(10).from(2, "vote-response").core.status().role).toBe("leader");
    const follows = new Single().tick(10).from(3, "append", { index: 1, logTerm: 1 });
    expect(follows.core.status()).toMatchObject({ role: "follower", leader: 3, term: 2 });
    const again = new Single().tick(20);
    expect(again.core.status()).toMatchObject({ role: "candidate", term: 3 });
  });

  test("leaders: announce themselves at once and send heartbeats when idle", () => {
    const single = new Single().tick(10);
    single.take();
    single.from(2, "vote-response");
    expect(single.take()).toMatchObject([{ type: "append" }, { type: "append" }]);
    expect(single.tick().take()).toMatchObject([{ type: "heartbeat" }, { type: "heartbeat" }]);
  });

  test("leaders: append what clients ask for, and hand it out once it is committed", () => {
    const single = new Single().lead().ack(2).propose("x");
    expect(single.core.status()).toMatchObject({ lastIndex: 3, applied: 2 });
    expect(single.ack(2).core.status()).toMatchObject({ commit: 3, applied: 3 });
  });

  test("leaders: send from nextIndex, raise matchIndex on success, go back and retry on failure", () => {
    const single = new Single([], { initial: stored([1, 1, 1]) }).lead();
    single.from(2, "append-response", { index: 3, reject: true, rejectHint: 1, logTerm: 1 });
    expect(single.take()).toMatchObject([{ index: 1, entries: run(2, 4, 1).map(() => ({})) }]);
    expect(single.ack(2).peer(2)).toMatchObject({ match: 4, next: 5 });
  });

  test("leaders: commit N if a majority has it and log[N].term == currentTerm", () => {
    const single = new Single([], { initial: stored([1, 1, 2]) }).lead();
    single.from(2, "append-response", { index: 3 });
    expect(single.core.status().commit).toBe(1);
    expect(single.from(2, "append-response", { index: 4 }).core.status().commit).toBe(4);
  });
});
