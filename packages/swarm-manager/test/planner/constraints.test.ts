import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createConstraintMatcher, parseConstraint } from "../../src/planner/constraints.ts";
import { createIpMatcher } from "../../src/planner/ip-range.ts";
import { makeNode } from "./fixtures.ts";

const base = makeNode("n1");
const node = makeNode("n1", {
  spec: { ...base.spec, labels: { zone: "Eu-West", "a.b": "x" } },
  description: {
    ...base.description!,
    hostname: "Worker-1",
    engine: { version: "1", labels: { disk: "ssd" }, executors: [] },
  },
  status: { state: "ready", message: "", address: "10.1.2.3:4000" },
});

describe("constraints", () => {
  it.each([
    ["node.id==n1", true],
    ["node.id == n2", false],
    ["NODE.ID != n2", true],
    ["node.hostname == worker-1", true],
    ["node.role == worker", true],
    ["node.role != manager", true],
    ["node.platform.os == linux", true],
    ["node.platform.arch == x86_64", true],
    ["node.labels.zone == eu-west", true],
    ["node.labels.Zone == eu-west", false],
    ["node.labels.a.b == x", true],
    ["node.labels.none != x", true],
    ["node.labels.none == x", false],
    ["node.labels.constructor != x", true],
    ["engine.labels.disk == ssd", true],
    ["node.ip == 10.1.2.3", true],
    ["node.ip == 10.1.0.0/16", true],
    ["node.ip != 10.1.0.0/16", false],
    ["node.ip == 10.2.0.0/16", false],
    ["node.ip != nonsense", false],
    ["node.unknown == x", false],
    ["node.unknown != x", false],
    ["node.id", false],
    ["node.id = n1", false],
    ["node.id ==", false],
  ])("%s: %s", (text, matches) => {
    expect(createConstraintMatcher([text])(node)).toBe(matches);
  });

  it("must all hold; none always hold", () => {
    expect(createConstraintMatcher([])(node)).toBe(true);
    expect(createConstraintMatcher(["node.id == n1", "node.role == manager"])(node)).toBe(false);
  });

  it("knows managers by their membership, and nodes without a description", () => {
    const manager = makeNode("m", { manager: { raftId: 1, address: "" }, description: undefined });
    expect(createConstraintMatcher(["node.role == manager"])(manager)).toBe(true);
    expect(createConstraintMatcher(["node.hostname != x", "engine.labels.x != y"])(manager)).toBe(
      true,
    );
  });

  it("are read or refused, never a crash", () => {
    expect(parseConstraint(" node.id  !=  a b ")).toEqual({
      key: "node.id",
      operator: "!=",
      value: "a b",
    });
    expect(parseConstraint("node.id == a=b")).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        createConstraintMatcher([text, `node.ip==${text}`])(node);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("address ranges", () => {
  it.each([
    ["10.0.0.0/8", "10.255.1.1", true],
    ["10.0.0.0/8", "11.0.0.0", false],
    ["0.0.0.0/0", "1.2.3.4", true],
    ["10.0.0.1/32", "10.0.0.1", true],
    ["fd00::/8", "fd12::1", true],
    ["fd00::/8", "fe80::1", false],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["::/0", "10.0.0.1", false],
    ["10.0.0.0/8", "nonsense", false],
  ])("%s holds %s: %s", (range, address, holds) => {
    expect(createIpMatcher(range)?.(address)).toBe(holds);
  });

  it.each([
    "",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "1::2::3",
    "12345::",
    "1:2:3:4:5:6:7:8:9",
  ])("refuses %s", (range) => {
    expect(createIpMatcher(range)).toBeUndefined();
  });
});
