import { describe, test } from "vitest";
import { datagramCases, limitCases, streamCases } from "../src/testing/index.ts";
import type { ComplianceSetup } from "../src/testing/index.ts";

export const testLimits = {
  frameBytesMax: 256 * 1024,
  datagramBytesMax: 1200,
  inboundFramesMax: 16,
  inboundBytesMax: 128 * 1024,
  outboundBytesMax: 512 * 1024,
};

export function complianceOf(name: string, setup: ComplianceSetup): void {
  for (const [kind, cases] of Object.entries({ streamCases, datagramCases, limitCases })) {
    describe(`${name}: ${kind}`, () => {
      for (const each of cases) test(each.name, () => each.run({ setup }));
    });
  }
}
