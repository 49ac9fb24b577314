import { expect, test } from "vitest";
import { ControlError } from "@waggle/swarm-manager";
import { EngineApiError, isEngineApiError, toApiError } from "../src/errors.ts";

test.each([
  ["invalid-argument", 400, "InvalidArgument"],
  ["failed-precondition", 400, "FailedPrecondition"],
  ["not-found", 404, "NotFound"],
  ["already-exists", 409, "AlreadyExists"],
  ["out-of-sequence", 500, "Unknown"],
  ["unimplemented", 501, "Unimplemented"],
  ["no-leader", 503, "Unavailable"],
  ["unavailable", 503, "Unavailable"],
  ["unknown-outcome", 500, "DeadlineExceeded"],
] as const)("a control error %s is %d %s", (code, status, rpc) => {
  const error = toApiError(new ControlError(code, "words"));
  expect(error).toMatchObject({ status, message: `rpc error: code = ${rpc} desc = words` });
});

test("anything else is 500 with its words", () => {
  expect(toApiError(new Error("words"))).toMatchObject({ status: 500, message: "words" });
  expect(toApiError("words")).toMatchObject({ status: 500, message: "words" });
  const named = Object.assign(new Error("words"), { code: "toString" });
  expect(toApiError(named)).toMatchObject({ status: 500, message: "words" });
});

test("an answer stays what it is, and is known by its brand", () => {
  const error = new EngineApiError(418, "words");
  expect(toApiError(error)).toBe(error);
  expect(isEngineApiError(error)).toBe(true);
  expect(isEngineApiError({ name: error.name, status: error.status })).toBe(false);
  expect(isEngineApiError(undefined)).toBe(false);
});
