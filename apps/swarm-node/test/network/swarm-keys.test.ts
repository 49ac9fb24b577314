import { createSwarmSecret, joinKey } from "@waggle/swarm-identity";
import { describe, expect, it } from "vitest";
import { managerKeys, nodeKeyOf, workerKeys } from "../../src/network/swarm-keys.ts";

const secret = createSwarmSecret();
const joinSecrets = { worker: "w".repeat(25), manager: "m".repeat(25) };

describe("a swarm's keys", () => {
  it("are the same on every manager, and a worker's is among them", () => {
    expect(managerKeys(secret, joinSecrets)).toEqual(managerKeys(secret, joinSecrets));
    expect(managerKeys(secret, undefined)[0]).toEqual(workerKeys(nodeKeyOf(secret))[0]);
  });

  it("begin with the members' key, which seals datagrams", () => {
    const ids = managerKeys(secret, joinSecrets).map(({ id }) => id);
    expect(ids).toEqual(["node", "manager", "join-worker", "join-manager"]);
    expect(workerKeys(nodeKeyOf(secret)).map(({ id }) => id)).toEqual(["node"]);
  });

  it("are all different, and none is the secret itself", () => {
    const all = [
      secret,
      ...managerKeys(secret, joinSecrets).map((key) => key.secret),
      ...managerKeys(createSwarmSecret(), undefined).map((key) => key.secret),
    ];
    expect(new Set(all.map((key) => Buffer.from(key).toString("hex"))).size).toBe(all.length);
  });

  it("let in who holds a token of this swarm's present ones", () => {
    const keys = new Map(managerKeys(secret, joinSecrets).map(({ id, secret: key }) => [id, key]));
    expect(keys.get("join-worker")).toEqual(joinKey(joinSecrets.worker));
    expect(keys.get("join-manager")).toEqual(joinKey(joinSecrets.manager));
    expect(managerKeys(secret, undefined).map(({ id }) => id)).not.toContain("join-worker");
  });
});
