import { describe, expect, test } from "vitest";
import type { AppendMessage } from "../../src/index.ts";
import type { Group } from "../group/group.ts";
import { Single, entry } from "./single.ts";
import { drawn } from "./stored.ts";

describe("5.4.1: election restriction", () => {
  test.each([
    { index: 3, logTerm: 2, reject: false },
    { index: 4, logTerm: 2, reject: false },
    { index: 1, logTerm: 3, reject: false },
    { index: 2, logTerm: 2, reject: true },
    { index: 9, logTerm: 1, reject: true },
  ])("against a log that ends in 3:2, a candidate with $index:$logTerm", ({ reject, ...end }) => {
    const single = new Single();
    const entries = [entry(2, 2), entry(3, 2)];
    single.from(2, "append", { term: 2, index: 1, logTerm: 1, entries }).take();
    single.from(3, "vote", { term: 4, ...end });
    expect(single.take()).toEqual([expect.objectContaining({ type: "vote-response", reject })]);
    expect(single.core.status().vote).toBe(reject ? 0 : 3);
  });
});

describe("5.4.2, Figure 8: why a leader does not count replicas of entries of earlier terms", () => {
  /** One entry per append, so that the network may let one pass and not the next. */
  const five = (): Group =>
    drawn({ 1: [1], 2: [1], 3: [1], 4: [1], 5: [1] }, { term: 1, maxBytesPerAppend: 1 });
  const logs = (group: Group): number[][] => [1, 2, 3, 4, 5].map((id) => group.terms(id));

  /** Only what these members say to each other passes; appends as far as `passes` lets them. */
  function among(
    group: Group,
    ids: readonly number[],
    passes: (append: AppendMessage) => boolean = () => true,
  ): Group {
    group.drop = (message) =>
      !ids.includes(message.from) ||
      !ids.includes(message.to) ||
      (message.type === "append" && !passes(message));
    return group;
  }

  /** Up to (c): S1 leads again and brings its entry of term 2 to a majority; its entry of term 4 reaches nobody. */
  function untilC(): Group {
    const group = five();
    const everybody = [1, 2, 3, 4, 5];
    // (a) S1 leads in term 2 and replicates its entry at index 2 to S2 alone.
    among(group, everybody, ({ to }) => to === 2).elect(1);
    expect(logs(group)).toEqual([[1, 2], [1, 2], [1], [1], [1]]);
    // (b) S1 crashes. S3, S4 and S5 elect S5 in term 3, which takes another entry at index 2.
    among(group, [3, 4, 5], () => false).elect(5);
    expect(group.core(5).status()).toMatchObject({ role: "leader", term: 3 });
    expect(logs(group)).toEqual([[1, 2], [1, 2], [1], [1], [1, 3]]);
    // (c) S5 crashes. S1 starts again; its first election fails in term 3, in which S3 and S4 have voted.
    group.restart(1);
    // What holds its entry of term 4 is lost, unless S3 refuses it anyway.
    const passes = ({ to, entries }: AppendMessage): boolean =>
      to !== 4 &&
      (entries.every(({ term }) => term < 4) || (to === 3 && group.terms(3).length < 2));
    among(group, [1, 2, 3, 4], passes);
    group.elect(1);
    expect(group.leaders).toEqual([5]);
    group.elect(1);
    expect(group.core(1).status()).toMatchObject({ role: "leader", term: 4 });
    expect(logs(group)).toEqual([[1, 2, 4], [1, 2], [1, 2], [1], [1, 3]]);
    // S2 acknowledges what it holds, as it would to a heartbeat of the paper, which is an empty append.
    const heartbeat = { type: "append", from: 1, to: 2, term: 4, index: 2, logTerm: 2 };
    group.core(2).step({ ...heartbeat, entries: [], commit: 1 } as never);
    group.settle();
    return group;
  }

  test("(c) the entry of term 2 is on a majority and not committed", () => {
    const { peers, commit } = untilC().core(1).status();
    expect(peers.map(({ match }) => match)).toEqual([3, 2, 2, 0, 0]);
    expect(commit).toBe(1);
  });

  test("(d) so that it may be overwritten: S5 wins and replaces it everywhere", () => {
    const group = untilC();
    // S1 crashes. S5 starts again; its first election falls into term 4, in which the others have voted for S1.
    group.restart(5);
    among(group, [2, 3, 4, 5]).elect(5);
    group.elect(5);
    expect(group.core(5).status()).toMatchObject({ role: "leader", term: 5, commit: 3 });
    group.restart(1);
    group.cut().tick(2);
    expect(logs(group)).toEqual(Array(5).fill([1, 3, 5]));
    const applied = group.member(1).applied.map(({ index, term }) => [index, term]);
    expect(applied).toEqual([
      [2, 3],
      [3, 5],
    ]);
  });

  test("(e) but if S1 brings an entry of its own term to a majority, both are committed, and S5 cannot win", () => {
    const group = untilC();
    among(group, [1, 2, 3]).tick(3);
    expect(logs(group).slice(0, 3)).toEqual(Array(3).fill([1, 2, 4]));
    expect(group.core(1).status().commit).toBe(3);
    group.restart(5);
    among(group, [2, 3, 4, 5]);
    for (let tries = 0; tries < 3; tries += 1) group.elect(5);
    expect(group.core(5).status().role).not.toBe("leader");
    group.elect(3);
    expect(group.core(3).status().role).toBe("leader");
    group.restart(1);
    group.cut().tick(2);
    for (const log of logs(group)) expect(log.slice(0, 3)).toEqual([1, 2, 4]);
  });
});

describe("5.4.3, Figure 9: a later leader has every committed entry", () => {
  const majorities = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    .map((bits) => [1, ...[2, 3, 4, 5].filter((id) => Math.floor(bits / 2 ** (id - 2)) % 2 === 1)])
    .filter(({ length }) => length >= 3);

  test.each(majorities.map((majority) => ({ majority })))(
    "S1 commits with the copies of $majority: nobody else of five wins, whoever votes",
    ({ majority }) => {
      for (const candidate of [2, 3, 4, 5]) {
        const group = drawn({ 1: [1], 2: [1], 3: [1], 4: [1], 5: [1] }, { term: 1 });
        group.drop = ({ type, to }) => type === "append" && !majority.includes(to);
        group.elect(1);
        expect(group.core(1).status().commit).toBe(2);
        // The leader of term T is gone; all others answer in term U.
        group.cut(1).elect(candidate);
        const wins = group.core(candidate).status().role === "leader";
        expect(wins).toBe(majority.includes(candidate));
      }
    },
  );
});
