import { describe, expect, test } from "vitest";
import { nodeId } from "../../src/index.ts";
import type { ConfChange, RaftErrorDetails, UnsupportedChange } from "../../src/index.ts";
import { changed, changedInOneStep } from "../../src/membership/changer.ts";
import { EMPTY_CONFIGURATION, confStateOf } from "../../src/membership/configuration.ts";
import type { Configuration } from "../../src/membership/configuration.ts";
import { change } from "./change-text.ts";

function configuration(voters: readonly number[], learners: readonly number[] = []): Configuration {
  return {
    ...EMPTY_CONFIGURATION,
    incoming: new Set(voters.map(nodeId)),
    learners: new Set(learners.map(nodeId)),
  };
}

/** "1 2 & 1 3 l4 n2 auto" as in etcd's notation. */
function show(value: Configuration): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = confStateOf(value);
  return [
    voters.join(" "),
    ...(votersOutgoing.length > 0 ? ["&", votersOutgoing.join(" ")] : []),
    ...learners.map((id) => `l${id}`),
    ...learnersNext.map((id) => `n${id}`),
    ...(autoLeave ? ["auto"] : []),
  ].join(" ");
}

describe("one step", () => {
  test.each([
    ["v4", "1 2 3 4"],
    ["v3", "1 2 3"],
    ["r3", "1 2"],
    ["r9", "1 2 3"],
    ["l3", "1 2 l3"],
    ["l4", "1 2 3 l4"],
    ["u2", "1 2 3"],
  ])("%s", (text, expected) => {
    expect(show(changed(configuration([1, 2, 3]), change(text)))).toBe(expected);
  });

  test("promotes a learner", () => {
    expect(show(changed(configuration([1], [2]), change("v2")))).toBe("1 2");
  });

  test("adds the first members one by one", () => {
    const one = changed(EMPTY_CONFIGURATION, change("v1"));
    expect(show(changed(one, change("v2")))).toBe("1 2");
  });
});

describe("two quorums", () => {
  test("are entered and left", () => {
    const joint = changed(configuration([1, 2, 3]), change("v4 r2 l3"));
    expect(show(joint)).toBe("1 4 & 1 2 3 n3 auto");
    expect(show(changed(joint, change("")))).toBe("1 4 l3");
  });

  test("of an explicit change are left by another change only", () => {
    expect(show(changed(configuration([1]), change("v2", "joint-explicit")))).toBe("1 2 & 1");
    expect(show(changed(configuration([1]), change("v2", "joint-implicit")))).toBe("1 2 & 1 auto");
  });
});

describe("refused", () => {
  const joint = changed(configuration([1, 2]), change("v3 v4"));
  const unsupported = (reason: UnsupportedChange): RaftErrorDetails => ({
    code: "unsupported-change",
    reason,
  });
  const single = (type: string, node: number): ConfChange =>
    ({ ...change(""), changes: [{ type, node }] }) as unknown as ConfChange;
  test.each<[string, Configuration, ConfChange, RaftErrorDetails]>([
    ["the last voter", configuration([1], [2]), change("r1"), unsupported("no-voters")],
    ["all voters", configuration([1, 2]), change("r1 r2"), unsupported("no-voters")],
    ["leaving what was not entered", configuration([1]), change(""), { code: "not-joint" }],
    ["a change within a joint configuration", joint, change("v5"), { code: "joint-configuration" }],
    [
      "a joint change within a joint configuration",
      joint,
      change("", "joint-implicit"),
      { code: "joint-configuration" },
    ],
    ["a joint change of nobody", EMPTY_CONFIGURATION, change("v1 v2"), unsupported("no-voters")],
    [
      "too many members",
      configuration(Array.from({ length: 128 }, (_, at) => at + 1)),
      change("v200"),
      unsupported("too-many-members"),
    ],
    [
      "too many changes",
      configuration([1]),
      change(Array<string>(257).fill("v2").join(" ")),
      unsupported("too-many-changes"),
    ],
    ["what is no node", configuration([1]), single("remove", -1), unsupported("not-a-node-id")],
    ["an unknown kind", configuration([1, 2]), single("drop", 2), unsupported("unknown-type")],
  ])("%s", (_what, from, what, details) => {
    expect(() => changed(from, what)).toThrow(expect.objectContaining({ details }));
  });

  test("several voters in one step", () => {
    const two = change("v4 v5").changes;
    expect(() => changedInOneStep(configuration([1]), two)).toThrow(
      expect.objectContaining({ details: unsupported("several-voters") }),
    );
  });
});
