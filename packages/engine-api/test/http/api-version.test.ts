import { expect, test } from "vitest";
import { refuseOldVersion, speaksAtLeast, splitVersion } from "../../src/http/api-version.ts";

test.each([
  ["/services", 50, "/services"],
  ["/v1.41/services/a", 41, "/services/a"],
  ["/v1.24/", 24, "/"],
  ["/vX/services", 50, "/vX/services"],
  ["/volumes", 50, "/volumes"],
])("%s", (path, minor, route) => {
  expect(splitVersion(path)).toEqual({ version: { major: 1, minor }, route });
});

test.each(["/v1.51/a", "/v2.0/a", "/v99999999999999999999/a"])("%s is too new", (path) => {
  expect(() => splitVersion(path)).toThrow(expect.objectContaining({ status: 400 }));
});

test("too old", () => {
  expect(refuseOldVersion({ major: 1, minor: 24 })).toBeUndefined();
  expect(refuseOldVersion({ major: 1, minor: 23 })).toContain("client version 1.23 is too old");
  expect(refuseOldVersion({ major: 0, minor: 99 })).toContain("client version 0.99 is too old");
});

test("at least", () => {
  expect(speaksAtLeast({ major: 1, minor: 41 }, 42)).toBe(false);
  expect(speaksAtLeast({ major: 1, minor: 42 }, 42)).toBe(true);
});
