import { describe, expect, test } from "vitest";
import { isInvariantError } from "../../src/index.ts";
import type { LogIndex } from "../../src/index.ts";
import { Inflights } from "../../src/progress/inflights.ts";
import { Progress } from "../../src/progress/progress.ts";

const index = (value: number): LogIndex => value as LogIndex;

function progress(match: number, next: number, window = 2): Progress {
  const inflights = new Inflights({ appends: window, bytes: 1_000 });
  return new Progress({ match: index(match), next: index(next), recentlyActive: false, inflights });
}

describe("the window of appends without an answer", () => {
  test("is full by count or by bytes, and the append that crosses is let through", () => {
    const window = new Inflights({ appends: 3, bytes: 10 });
    window.add(index(1), 9);
    expect(window.full).toBe(false);
    window.add(index(2), 9);
    expect(window).toMatchObject({ full: true, count: 2, bytes: 18 });
    expect(() => window.add(index(3), 1)).toThrow(expect.toSatisfy(isInvariantError));
  });

  test("is freed up to an index, and drains to zero", () => {
    const window = new Inflights({ appends: 5, bytes: 100 });
    for (const last of [2, 4, 6]) window.add(index(last), 10);
    window.freeTo(index(1));
    expect(window.count).toBe(3);
    window.freeTo(index(5));
    expect(window).toMatchObject({ count: 1, bytes: 10 });
    window.clear();
    expect(window).toMatchObject({ count: 0, bytes: 0 });
  });
});

describe("a probe", () => {
  test("sends one append with entries, and as many empty ones as it likes", () => {
    const peer = progress(0, 5);
    peer.sent(0, 0);
    expect(peer.paused).toBe(false);
    peer.sent(3, 30);
    expect(peer).toMatchObject({ paused: true, next: 5 });
    peer.resume();
    expect(peer.paused).toBe(false);
  });

  test.each([
    { match: 0, next: 10, rejected: 9, hint: 9, result: true, then: 9 },
    { match: 0, next: 10, rejected: 9, hint: 3, result: true, then: 4 },
    { match: 5, next: 10, rejected: 9, hint: 2, result: true, then: 6 },
    { match: 0, next: 10, rejected: 5, hint: 5, result: false, then: 10 },
  ])("$match/$next refused at $rejected with hint $hint", ({ match, next, ...rest }) => {
    const peer = progress(match, next);
    peer.pause();
    expect(peer.refuse(index(rest.rejected), index(rest.hint))).toBe(rest.result);
    expect(peer).toMatchObject({ next: rest.then, paused: !rest.result });
  });
});

describe("replicating", () => {
  test("sends ahead until the window is full; an acknowledgement opens it", () => {
    const peer = progress(4, 5);
    peer.becomeReplicate();
    peer.sent(2, 10);
    expect(peer).toMatchObject({ next: 7, paused: false });
    peer.sent(1, 10);
    expect(peer).toMatchObject({ next: 8, paused: true });
    // An answered heartbeat lets one empty append through, and no more.
    peer.resume();
    peer.sent(0, 0);
    expect(peer).toMatchObject({ next: 8, paused: true });
    expect(peer.acknowledge(index(6))).toBe(true);
    peer.inflights.freeTo(index(6));
    expect(peer).toMatchObject({ match: 6, next: 8, paused: false });
    expect(peer.acknowledge(index(6))).toBe(false);
  });

  test("a refusal goes back to the match, whatever its hint; a stale one is nothing", () => {
    const peer = progress(4, 5);
    peer.becomeReplicate();
    peer.sent(3, 10);
    expect(peer.refuse(index(4), index(1))).toBe(false);
    expect(peer.refuse(index(7), index(1))).toBe(true);
    expect(peer.next).toBe(5);
  });
});

describe("a snapshot on its way", () => {
  test("stops everything; then probing starts after it, or at the match when it failed", () => {
    const peer = progress(1, 2);
    peer.becomeSnapshot(index(10));
    expect(peer).toMatchObject({ paused: true, next: 11 });
    expect(() => peer.sent(1, 1)).toThrow(expect.toSatisfy(isInvariantError));
    peer.becomeProbe();
    expect(peer).toMatchObject({ state: "probe", next: 11, paused: false });
    peer.becomeSnapshot(index(20));
    peer.snapshotFailed();
    peer.becomeProbe();
    expect(peer.next).toBe(2);
  });
});

test("a commit index is told once, and only where it is of use", () => {
  const peer = progress(4, 8);
  expect(peer.canBumpCommit(index(3))).toBe(true);
  peer.sentCommit(index(3));
  expect(peer.canBumpCommit(index(3))).toBe(false);
  peer.sentCommit(index(7));
  expect(peer.canBumpCommit(index(9))).toBe(false);
  peer.becomeProbe();
  expect(peer.canBumpCommit(index(9))).toBe(false);
  expect(peer.next).toBe(5);
});
