import { hkdfSync } from "node:crypto";
import { expect, test } from "vitest";
import { createSwarmSecret, deriveKey, equalSecrets, swarmFingerprint } from "../src/secret.ts";

const secret = new Uint8Array(32).fill(1);

test("a new secret has 32 bytes and is new", () => {
  expect(createSwarmSecret()).toHaveLength(32);
  expect(createSwarmSecret()).not.toEqual(createSwarmSecret());
});

test("derived keys follow the documented derivation, and differ by purpose and secret", () => {
  const expected = hkdfSync("sha256", secret, "", "waggle swarm/1 key manager", 32);
  expect(deriveKey(secret, "manager")).toEqual(new Uint8Array(expected));
  const keys = ["manager", "node", "gossip", "mine"].map((each) => deriveKey(secret, each));
  keys.push(deriveKey(new Uint8Array(32).fill(2), "manager"));
  expect(new Set(keys.map((key) => Buffer.from(key).toString("hex"))).size).toBe(5);
});

test("the derivation never changes: keys on disk and in other releases depend on it", () => {
  expect(Buffer.from(deriveKey(secret, "node")).toString("hex")).toMatchInlineSnapshot(
    `"3cb4611a989df3c239166dbcddadfe14643c8b2cae26dcdba1fd2eaa3be0b048"`,
  );
  expect(swarmFingerprint(secret)).toMatchInlineSnapshot(
    `"4cmnk310xp6otzulpddx7cc591gmnu6x2pvkf8lp50osc8u8bm"`,
  );
});

test("a fingerprint has 50 digits of base 36", () => {
  expect(swarmFingerprint(createSwarmSecret())).toMatch(/^[0-9a-z]{50}$/);
});

test("secrets and purposes of the wrong form are refused", () => {
  const badSecret: unknown = expect.objectContaining({ name: "IdentityError", code: "bad-secret" });
  expect(() => deriveKey(new Uint8Array(31), "node")).toThrow(badSecret);
  expect(() => swarmFingerprint(new Uint8Array(0))).toThrow(badSecret);
  for (const purpose of ["", "Node", "a b", "x".repeat(65)]) {
    expect(() => deriveKey(secret, purpose)).toThrow(badSecret);
  }
});

test("secrets are compared by content", () => {
  expect(equalSecrets(secret, Uint8Array.from(secret))).toBe(true);
  expect(equalSecrets(secret, new Uint8Array(32).fill(2))).toBe(false);
  expect(equalSecrets(secret, secret.subarray(1))).toBe(false);
});
