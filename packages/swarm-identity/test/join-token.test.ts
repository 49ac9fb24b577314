import fc from "fast-check";
import { expect, test } from "vitest";
import { isIdentityError } from "../src/errors.ts";
import {
  createJoinSecret,
  equalJoinSecrets,
  formatJoinToken,
  joinKey,
  parseJoinToken,
} from "../src/join-token.ts";
import { createSwarmSecret, swarmFingerprint } from "../src/secret.ts";

const fingerprint = "f".repeat(50);
const secret = "s".repeat(25);
const token = `WGTKN-1-${fingerprint}-${secret}`;

test("a token is read as it was written", () => {
  const made = { fingerprint: swarmFingerprint(createSwarmSecret()), secret: createJoinSecret() };
  expect(parseJoinToken(formatJoinToken(made))).toEqual(made);
  expect(formatJoinToken({ fingerprint, secret })).toBe(token);
  expect(parseJoinToken(` ${token}\n`)).toEqual({ fingerprint, secret });
});

const reasons: [string, RegExp][] = [
  ["", /empty/],
  [token.toUpperCase(), /other than digits and lower-case/],
  [token.slice(0, -1), /secret has 24 characters instead of 25; was it copied whole/],
  [`${token}x`, /secret has 26 characters/],
  ["WGTKN-1", /end is missing/],
  [`WGTKN-1-${fingerprint}`, /end is missing/],
  [`WGTKN-2-${fingerprint}-${secret}`, /another version/],
  [`SWMTKN-1-${fingerprint}-${secret}`, /Docker/],
  [`hello`, /begin with WGTKN-/],
  [`${token}-x`, /more parts/],
  [`WGTKN-1-${"!".repeat(50)}-${secret}`, /fingerprint has characters/],
  ["x".repeat(10_000), /longer than 256/],
];

for (const [text, reason] of reasons) {
  test(`"${text.slice(0, 20)}…" (${text.length}) is refused: ${reason.source}`, () => {
    expect(() => parseJoinToken(text)).toThrow(reason);
  });
}

test("any text is a token or an IdentityError, and the error does not tell the secret", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((end) => token + end),
      ),
      (text) => {
        try {
          expect(formatJoinToken(parseJoinToken(text))).toBe(text.trim());
        } catch (error) {
          expect(isIdentityError(error) && error.code).toBe("bad-token");
          expect(String(error)).not.toContain(secret);
        }
      },
    ),
  );
});

test("a join secret has 25 digits, is new, and gives one key of 32 bytes", () => {
  const made = createJoinSecret();
  expect(made).toMatch(/^[0-9a-z]{25}$/);
  expect(createJoinSecret()).not.toBe(made);
  expect(joinKey(made)).toEqual(joinKey(made));
  expect(joinKey(made)).not.toEqual(joinKey(createJoinSecret()));
  expect(Buffer.from(joinKey(secret)).toString("hex")).toMatchInlineSnapshot(
    `"bd877779b43feb9cb347067b7f16d3b189e44f5a230e5218f11838b1209b6b6b"`,
  );
});

test("a join secret of another form gives no key", () => {
  for (const bad of ["", "x", "S".repeat(25), "s".repeat(26)]) {
    expect(() => joinKey(bad)).toThrow(expect.objectContaining({ code: "bad-secret" }));
  }
});

test("join secrets are compared by content", () => {
  expect(equalJoinSecrets(secret, `${"s".repeat(24)}s`)).toBe(true);
  expect(equalJoinSecrets(secret, `${"s".repeat(24)}t`)).toBe(false);
  expect(equalJoinSecrets(secret, "s")).toBe(false);
});
