import { describe, expect, it } from "vitest";
import { KEY_IDS, mayOpen, PROTOCOLS } from "../../src/network/keys.ts";

describe("mayOpen", () => {
  const opened = (keyId: string): string[] =>
    Object.values(PROTOCOLS)
      .map(({ name }) => name)
      .filter((name) => mayOpen(name, keyId))
      .sort();

  it("lets managers speak everything but the join protocol", () => {
    expect(opened(KEY_IDS.manager)).toEqual([
      "gossip/1",
      "logs/1",
      "manager/1",
      "raft-snapshot/1",
      "raft/1",
      "session/1",
    ]);
  });

  it("keeps workers from what is between managers", () => {
    expect(opened(KEY_IDS.node)).toEqual(["gossip/1", "logs/1", "session/1"]);
  });

  it("lets a token do nothing but join", () => {
    expect(opened(KEY_IDS.joinWorker)).toEqual(["join/1"]);
    expect(opened(KEY_IDS.joinManager)).toEqual(["join/1"]);
  });

  it("lets nobody in with no key, an unknown key, or an unknown protocol", () => {
    expect(opened("")).toEqual([]);
    expect(opened("admin")).toEqual([]);
    expect(mayOpen("other/1", KEY_IDS.manager)).toBe(false);
    expect(mayOpen("constructor", KEY_IDS.manager)).toBe(false);
  });
});
