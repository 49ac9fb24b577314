import { describe, expect, test } from "vitest";
import { Single, entry } from "./single.ts";
import { drawn } from "./stored.ts";

describe("Figure 4: the roles and what leads from one to the other", () => {
  const follower = (): Single => new Single();
  const candidate = (): Single => new Single().tick(10);
  const leader = (): Single => new Single().lead();
  test.each([
    { from: "starts up", how: follower, role: "follower" },
    {
      from: "follower: times out, starts election",
      how: () => follower().tick(10),
      role: "candidate",
    },
    {
      from: "candidate: times out, new election",
      how: () => candidate().tick(10),
      role: "candidate",
    },
    {
      from: "candidate: receives votes from a majority",
      how: () => candidate().from(3, "vote-response"),
      role: "leader",
    },
    {
      from: "candidate: discovers the current leader",
      how: () => candidate().from(3, "heartbeat"),
      role: "follower",
    },
    {
      from: "candidate: discovers a new term",
      how: () => candidate().from(3, "vote", { term: 9, index: 1, logTerm: 1 }),
      role: "follower",
    },
    {
      from: "leader: discovers a server with a higher term",
      how: () => leader().from(3, "append-response", { term: 9 }),
      role: "follower",
    },
  ])("$from → $role", ({ how, role }) => {
    expect(how().core.status().role).toBe(role);
  });
});

describe("Figure 5: terms", () => {
  test("every term begins with an election; one that ends in a split vote has no leader", () => {
    const group = drawn({ 1: [1], 2: [1], 3: [1], 4: [1] }, { term: 1 });
    group.core(1).campaign();
    group.core(2).campaign();
    // Nodes 1 and 2 hear one follower each.
    group.drop = ({ from, to }) => (from + to) % 2 === 1 || from + to === 10;
    group.settle();
    expect(group.leaders).toEqual([]);
    expect([1, 2, 3, 4].map((id) => group.core(id).status().term)).toEqual([2, 2, 2, 2]);
    group.cut().elect(1);
    expect(group.leaders).toEqual([1]);
    expect([1, 2, 3, 4].map((id) => group.core(id).status().term)).toEqual([3, 3, 3, 3]);
  });
});

describe("5.1: terms", () => {
  test.each(["follower", "candidate", "leader"])("a %s adopts a later term and follows", (role) => {
    const single = new Single();
    if (role === "candidate") single.tick(10);
    if (role === "leader") single.lead();
    single.from(2, "append", { term: 7, index: 1, logTerm: 1 });
    expect(single.core.status()).toMatchObject({ role: "follower", term: 7, leader: 2, vote: 0 });
  });

  test("messages of an earlier term are ignored", () => {
    const single = new Single().lead();
    single.from(3, "append", { term: 1, index: 1, logTerm: 1, entries: [entry(2, 1)] });
    expect(single.take()).toEqual([]);
    expect(single.core.status()).toMatchObject({ role: "leader", term: 2 });
  });

  test("with check-quorum an earlier leader is told of the present term", () => {
    const single = new Single([1, 2, 3], { checkQuorum: true }).lead();
    single.from(3, "heartbeat", { term: 1 });
    expect(single.take()).toEqual([
      expect.objectContaining({ type: "append-response", to: 3, term: 2 }),
    ]);
  });
});
