import { createNodeTransport } from "../../src/node/index.ts";
import { complianceOf, testLimits } from "../compliance.ts";
import { hasIpv6 } from "../has-ipv6.ts";

const complianceAt = (name: string, host: string): void =>
  complianceOf(name, () =>
    Promise.resolve({
      left: createNodeTransport({ limits: testLimits }),
      right: createNodeTransport({ limits: testLimits }),
      leftAddress: { host, port: 0 },
      rightAddress: { host, port: 0 },
      limits: testLimits,
    }),
  );

complianceAt("node", "127.0.0.1");
if (hasIpv6) complianceAt("node over IPv6", "::1");
