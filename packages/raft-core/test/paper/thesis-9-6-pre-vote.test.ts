import { describe, expect, test } from "vitest";
import { Single } from "./single.ts";

describe("9.6 and 6.2 of the thesis: pre-vote and check-quorum", () => {
  const both = { preVote: true, checkQuorum: true };

  test("asking first changes nothing; an election follows when it could be won", () => {
    const single = new Single([1, 2, 3], both).tick(10);
    expect(single.core.status()).toMatchObject({ role: "pre-candidate", term: 1, vote: 0 });
    expect(single.take()[0]).toMatchObject({ type: "pre-vote", term: 2 });
    single.from(2, "pre-vote-response", { term: 2 });
    expect(single.core.status()).toMatchObject({ role: "candidate", term: 2, vote: 1 });
  });

  test("grants of an earlier round do not count", () => {
    const single = new Single([1, 2, 3], both).tick(10).from(2, "pre-vote-response", { term: 2 });
    single.tick(10);
    expect(single.core.status()).toMatchObject({ role: "pre-candidate", term: 2 });
    single.from(3, "pre-vote-response", { term: 2 });
    expect(single.core.status().role).toBe("pre-candidate");
  });

  test("a refusal from a later term is believed", () => {
    const single = new Single([1, 2, 3], both).tick(10);
    single.from(3, "pre-vote-response", { term: 9, reject: true });
    expect(single.core.status()).toMatchObject({ role: "follower", term: 9 });
  });

  test("a pre-vote of an earlier term is refused with the present one", () => {
    const single = new Single([1, 2, 3], both).from(2, "append", { term: 5, index: 1, logTerm: 1 });
    single.take();
    single.from(3, "pre-vote", { term: 3, index: 1, logTerm: 1 });
    expect(single.take()).toEqual([
      expect.objectContaining({ type: "pre-vote-response", term: 5, reject: true }),
    ]);
  });

  test("members near a leader ignore requests, unless the leader asked for the election", () => {
    const single = new Single([1, 2, 3], both).from(2, "heartbeat");
    single.take();
    const request = { term: 9, index: 1, logTerm: 1 };
    single.from(3, "vote", request).from(3, "pre-vote", request);
    expect(single.take()).toEqual([]);
    expect(single.core.status().term).toBe(1);
    single.from(3, "vote", { ...request, transfer: true });
    expect(single.take()).toEqual([
      expect.objectContaining({ type: "vote-response", reject: false }),
    ]);
  });

  test("a leader that hears no quorum steps down", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead();
    single.tick(9).from(2, "heartbeat-response").tick(1);
    expect(single.core.status().role).toBe("leader");
    single.tick(10);
    expect(single.core.status()).toMatchObject({ role: "follower", term: 2, leader: 0 });
  });
});
