import { describe, expect, test } from "vitest";
import { logIndex, nodeId } from "../../src/index.ts";
import { Inflights } from "../../src/progress/inflights.ts";
import { Progress } from "../../src/progress/progress.ts";
import { Single } from "../paper/single.ts";
import { stored } from "../paper/stored.ts";

const peer = nodeId(2);

function replicating(match: number): Progress {
  const inflights = new Inflights({ appends: 8, bytes: 1_000 });
  const start = { match: logIndex(match), next: logIndex(match + 1), recentlyActive: true };
  const progress = new Progress({ ...start, inflights });
  progress.becomeReplicate();
  return progress;
}

/** What was sent to node 2 since the last time. */
function toPeer(single: Single): object[] {
  return single.take().filter(({ to }) => to === peer);
}

describe("refusals", () => {
  test("a refusal sends a replicating peer to its hint", () => {
    const progress = replicating(3);
    progress.sent(6, 60);
    expect(progress.refuse(logIndex(9), logIndex(7))).toBe(true);
    expect(progress.next).toBe(4);
  });

  test("a refusal sends a peer back behind what matches", () => {
    const single = new Single().lead().ack(2);
    single.core.reportUnreachable(peer);
    single.propose("x").take();
    single.from(2, "append-response", { index: 2, reject: true, rejectHint: 1, logTerm: 1 });
    expect(single.peer(2)).toMatchObject({ match: 2, next: 3 });
  });

  test("a late refusal is taken from a replicating peer", () => {
    const single = new Single().lead().ack(2);
    single.take();
    single.from(2, "append-response", { index: 2, reject: true, rejectHint: 1, logTerm: 1 });
    expect(single.take()).toEqual([]);
    expect(single.peer(2)).toMatchObject({ state: "replicate", match: 2, next: 3 });
  });

  test("a late refusal is taken from a peer that is probed", () => {
    const single = new Single([], { initial: stored([1, 1, 1, 1]) }).lead();
    single.from(2, "append-response", { index: 4, reject: true, rejectHint: 3, logTerm: 1 });
    single.take();
    single.from(2, "append-response", { index: 4, reject: true, rejectHint: 1, logTerm: 1 });
    expect(single.take()).toEqual([]);
    expect(single.peer(2)).toMatchObject({ state: "probe", next: 4 });
  });

  test("a refusal goes back entry by entry, though it names a term", () => {
    const single = new Single([], { initial: stored([1, 1, 3, 3, 3]) }).lead();
    single.take();
    single.from(2, "append-response", { index: 5, reject: true, rejectHint: 4, logTerm: 2 });
    expect(toPeer(single)).toMatchObject([{ type: "append", index: 2, logTerm: 1 }]);
  });

  test("a peer that refused goes on to be sent to ahead", () => {
    const single = new Single().lead().ack(2).propose("x").propose("y");
    single.take();
    single.from(2, "append-response", { index: 3, reject: true, rejectHint: 2, logTerm: 2 });
    expect(single.peer(2)).toMatchObject({ state: "probe", next: 3 });
    expect(toPeer(single)).toMatchObject([{ index: 2, entries: [{ index: 3 }, { index: 4 }] }]);
  });
});

describe("probes", () => {
  test("an empty append pauses a probe", () => {
    const single = new Single().lead().ack(2);
    single.core.reportUnreachable(peer);
    single.take();
    single.from(2, "heartbeat-response");
    expect(toPeer(single)).toMatchObject([{ type: "append", entries: [] }]);
    expect(toPeer(single.propose("x"))).toMatchObject([{ entries: [{ index: 3 }] }]);
  });

  test("a probe sends on without an answer", () => {
    const single = new Single().lead();
    expect(toPeer(single.propose("x"))).toEqual([]);
  });

  test("a probe is not tried again when the peer shows up", () => {
    const single = new Single().lead().propose("x");
    single.take();
    expect(toPeer(single.from(2, "heartbeat-response"))).toMatchObject([
      { index: 1, entries: [{ index: 2 }, { index: 3 }] },
    ]);
  });

  test("an unreachable peer is sent to ahead", () => {
    const single = new Single().lead().ack(2);
    single.propose("x").core.reportUnreachable(peer);
    expect(single.peer(2)).toMatchObject({ state: "probe", next: 3 });
  });

  test("a peer that has everything is not asked again after it was unreachable", () => {
    const single = new Single().lead().ack(2);
    single.core.reportUnreachable(peer);
    single.take();
    expect(toPeer(single.from(2, "heartbeat-response"))).toMatchObject([{ type: "append" }]);
  });

  test("a peer that has everything stays in probe after it was unreachable", () => {
    const single = new Single().lead().ack(2);
    single.core.reportUnreachable(peer);
    expect(single.ack(2).peer(2)).toMatchObject({ state: "replicate" });
  });
});

describe("the window", () => {
  const appends = (single: Single): object[] =>
    toPeer(single).filter((message) => "type" in message && message.type === "append");

  test("a full window is sent into", () => {
    const single = new Single([1, 2, 3], { maxInflightAppends: 2 }).lead().ack(2);
    single.take();
    for (const text of ["a", "b", "c"]) single.propose(text);
    expect(appends(single)).toHaveLength(2);
    expect(single.peer(2)).toMatchObject({ inflightAppends: 2, inflightFull: true });
  });

  test("an acknowledgement does not free the window", () => {
    const single = new Single([1, 2, 3], { maxInflightAppends: 2 }).lead().ack(2);
    for (const text of ["a", "b", "c"]) single.propose(text);
    single.take();
    single.from(2, "append-response", { index: 3 });
    expect(appends(single)).toMatchObject([{ entries: [{ index: 5 }] }]);
  });

  test("bytes without an answer have no limit", () => {
    const limits = { maxBytesPerAppend: 60, maxInflightBytes: 60 };
    const single = new Single([1, 2, 3], limits).lead().ack(2);
    single.take();
    for (const text of ["a".repeat(60), "b"]) single.propose(text);
    expect(appends(single)).toMatchObject([{ entries: [{ index: 3 }] }]);
  });

  test("bytes without an answer stay counted when the window is emptied", () => {
    const limits = { maxBytesPerAppend: 60, maxInflightBytes: 60 };
    const single = new Single([1, 2, 3], limits).lead().ack(2).propose("a".repeat(60));
    expect(single.peer(2).inflightFull).toBe(true);
    single.core.reportUnreachable(peer);
    expect(single.peer(2)).toMatchObject({ inflightAppends: 0, inflightFull: false });
  });

  test("next falls back to match", () => {
    const progress = replicating(3);
    expect(progress.acknowledge(logIndex(7))).toBe(true);
    expect(progress).toMatchObject({ match: 7, next: 8 });
  });
});

describe("telling a peer of the commit", () => {
  test("the commit that a heartbeat told is not noted", () => {
    const single = new Single().lead().ack(2).ack(3).propose("x");
    // The commit of 3 goes out in an append to node 3; the heartbeat after it names 2, which it surely has.
    single.ack(2).tick().take();
    single.ack(3);
    expect(single.take()).toMatchObject([{ type: "append", to: 3, entries: [], commit: 3 }]);
  });

  test("the commit is told only along with entries", () => {
    const single = new Single([1, 2, 3, 4, 5], { maxInflightAppends: 1 }).tick(10);
    single.from(3, "vote-response").from(4, "vote-response").ack(3).ack(4).take();
    // Node 2 acknowledges what was committed before: it has not yet been told so.
    single.ack(2);
    expect(toPeer(single)).toMatchObject([{ type: "append", entries: [], commit: 2 }]);
  });

  test("the commit is told again and again", () => {
    const single = new Single().lead().ack(2).ack(3);
    single.take();
    expect(single.ack(2).ack(3).take()).toEqual([]);
  });
});
