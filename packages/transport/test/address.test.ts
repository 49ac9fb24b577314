import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../src/address.ts";
import { isTransportError } from "../src/errors.ts";

test("addresses are read and written alike", () => {
  for (const text of ["10.0.0.1:2377", "[::1]:0", "[fe80::1%eth0]:65535", "node-1.example:7946"]) {
    expect(formatAddress(parseAddress(text))).toBe(text);
  }
  expect(parseAddress("[::1]:80")).toEqual({ host: "::1", port: 80 });
});

test("what is no address is refused", () => {
  const bad = ["", "host", ":80", "host:", "host:x", "host:65536", "::1:80", "[host]:80", "a b:1"];
  bad.push("[::1:80", "host:-1", "-x:1", `${"x".repeat(254)}:1`, "host:000080");
  for (const text of bad) {
    expect(() => parseAddress(text), text).toThrow(
      expect.objectContaining({ code: "invalid-argument" }),
    );
  }
});

test("any text is an address or a TransportError", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."[ ] : % . - 0 1 9 a F _".split(" ")) }),
      (text) => {
        try {
          const { port } = parseAddress(text);
          expect(port).toBeLessThanOrEqual(65_535);
        } catch (error) {
          expect(isTransportError(error)).toBe(true);
        }
      },
    ),
  );
});
