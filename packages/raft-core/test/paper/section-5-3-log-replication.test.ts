import { describe, expect, test } from "vitest";
import type { Message } from "../../src/index.ts";
import { Group, bytes } from "../group/group.ts";
import { Single, entry } from "./single.ts";
import { drawn, stored } from "./stored.ts";

describe("Figure 6", () => {
  test("logs are made of entries with terms; an entry is committed when a majority has it", () => {
    const begin = [1, 1, 1, 2];
    const group = drawn({ 1: begin, 2: begin, 3: begin, 4: [1, 1], 5: begin }, { term: 2 });
    // The leader of term 3 replicates as far as the figure shows.
    const reaches: Record<number, number> = { 2: 5, 3: 8, 4: 0, 5: 7 };
    group.drop = (message) =>
      message.type === "append" && endOf(message) > (reaches[message.to] ?? 0);
    group.elect(1);
    for (const text of ["6", "7", "8"]) {
      group.core(1).propose([bytes(text)]);
      group.settle();
    }
    expect([1, 2, 3, 4, 5].map((id) => group.terms(id))).toEqual([
      [1, 1, 1, 2, 3, 3, 3, 3],
      [1, 1, 1, 2, 3],
      [1, 1, 1, 2, 3, 3, 3, 3],
      [1, 1],
      [1, 1, 1, 2, 3, 3, 3],
    ]);
    expect(group.core(1).status()).toMatchObject({ commit: 7, applied: 7 });
  });
});

function endOf(message: Message): number {
  return message.type === "append" ? message.index + message.entries.length : 0;
}

describe("Figure 7", () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const followers = {
    a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
    b: [1, 1, 1, 4],
    c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    e: [1, 1, 1, 4, 4, 4, 4],
    f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };
  const names = Object.keys(followers) as (keyof typeof followers)[];
  const idOf = (name: keyof typeof followers): number => names.indexOf(name) + 2;
  /** The leader at the top comes to power in term 8; the refusals of each follower are counted. */
  function toPower(): { group: Group; granted: number[]; refusals: number[] } {
    const logs: Record<number, readonly number[]> = { 1: leader };
    for (const name of names) logs[idOf(name)] = followers[name];
    const group = drawn(logs, { term: 7 });
    const granted: number[] = [];
    const refusals: number[] = [];
    group.drop = (message) => {
      if (message.type === "vote-response" && !message.reject) granted.push(message.from);
      if (message.type === "append-response" && message.reject) refusals.push(message.from);
      return false;
    };
    group.elect(1);
    return { group, granted, refusals };
  }

  test("the leader is elected by those whose logs are not ahead of its own", () => {
    const { group, granted } = toPower();
    expect(group.core(1).status()).toMatchObject({ role: "leader", term: 8 });
    expect(granted).toEqual([2, 3, 6, 7]);
  });

  test.each([
    { name: "a", what: "lacks entries", refusals: 1 },
    { name: "b", what: "lacks more entries", refusals: 1 },
    { name: "c", what: "has an extra entry that was not committed", refusals: 0 },
    { name: "d", what: "has extra entries of a term of its own", refusals: 0 },
    { name: "e", what: "has extra entries and lacks others", refusals: 1 },
    { name: "f", what: "has entries of two terms that nobody else has", refusals: 1 },
  ] as const)("($name) $what: the leader makes its log equal to its own", ({ name, refusals }) => {
    const { group, refusals: all } = toPower();
    expect(group.terms(idOf(name))).toEqual([...leader, 8]);
    expect(group.member(idOf(name)).disk.entries).toEqual(group.member(1).disk.entries);
    expect(all.filter((id) => id === idOf(name))).toHaveLength(refusals);
    expect(group.core(1).status().commit).toBe(11);
  });
});

describe("5.3", () => {
  test("a leader sends entries to all at once and applies what a majority has", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.propose("x");
    expect(single.take()).toMatchObject([{ type: "append", to: 2, entries: [{ index: 3 }] }]);
    expect(single.ack(2).core.status().applied).toBe(3);
  });

  test("it retries without end, also after it answered the client", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.cut(3);
    group.core(1).propose([bytes("x")]);
    group.settle();
    expect(group.texts(1)).toEqual(["x"]);
    group.tick(3);
    group.cut().tick(2);
    expect(group.texts(3)).toEqual(["x"]);
  });

  test("a commit commits all before it, of earlier leaders, too", () => {
    const single = new Single([], { initial: stored([1, 2, 3, 3]) }).lead().ack(2);
    const applied = single.readies.flatMap(({ committedEntries }) => committedEntries);
    expect(applied.map(({ index, term }) => [index, term])).toEqual([
      [2, 2],
      [3, 3],
      [4, 3],
      [5, 4],
    ]);
  });

  test("followers learn of a commit by later appends and heartbeats", () => {
    const group = new Group([1, 2, 3]);
    group.elect(1);
    group.core(1).propose([bytes("x")]);
    group.settle();
    expect([1, 2, 3].map((id) => group.core(id).status().commit)).toEqual([3, 3, 3]);
  });

  test.each([
    { name: "a missing tail", index: 9, logTerm: 3, hint: 4, term: 3 },
    { name: "a conflicting term", index: 4, logTerm: 2, hint: 3, term: 2 },
    { name: "an earlier term than any", index: 3, logTerm: 1, hint: 1, term: 1 },
  ])("a refusal names the term to try next: $name", ({ index, logTerm, hint, term }) => {
    const single = new Single([], { initial: stored([1, 2, 2, 3]) });
    single.from(3, "append", { term: 4, index, logTerm, entries: [entry(index + 1, 4)] });
    expect(single.take()).toMatchObject([{ reject: true, index, rejectHint: hint, logTerm: term }]);
  });

  test("a leader goes back one refusal per term, not one per entry", () => {
    const long = (term: number): number[] => [1, ...Array<number>(30).fill(term)];
    const group = drawn({ 1: long(3), 2: [1], 3: long(2) }, { term: 3 });
    let refusals = 0;
    group.drop = (message) => {
      if (message.type === "append-response" && message.reject && message.from === 3) refusals += 1;
      return false;
    };
    group.elect(1);
    expect(group.terms(3)).toEqual(group.terms(1));
    expect(refusals).toBe(1);
  });

  test("a leader never overwrites or deletes entries of its own log", () => {
    const single = new Single([], { initial: stored([1, 2, 2]) }).lead();
    const append = { term: 3, index: 1, logTerm: 1, entries: [entry(2, 3)] };
    expect(() => single.from(2, "append", append)).toThrow("second leader");
    expect(single.core.status().lastIndex).toBe(4);
  });
});
