import fc from "fast-check";
import { expect, test } from "vitest";
import { isImageReference } from "../../src/control/image-reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["process", true],
  ["a", true],
  ["a__b/c-d.e:T_1.0-x", true],
  ["registry.example.com:5000/team/app:1", true],
  [`app:1@${digest}`, true],
  [`app@${digest}`, true],
  ["", false],
  ["UPPER", false],
  ["Host.example/app", true],
  ["a/", false],
  ["/a", false],
  ["a:", false],
  ["a:-b", false],
  ["a@sha256:short", false],
  ["a___b", false],
  ["a b", false],
  [`a:${"t".repeat(129)}`, false],
  ["a".repeat(256), false],
  ["a\n", false],
])("%j", (text, valid) => {
  expect(isImageReference(text)).toBe(valid);
});

test("answers soon, whatever it is asked", () => {
  const part = fc.constantFrom("a", "A", "-", "_", ".", "/", ":", "@", "a-", "a.a/", "!");
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), fc.nat(500), (parts, times) => {
      isImageReference(`${parts.join("").repeat(times)}!`);
    }),
  );
});
