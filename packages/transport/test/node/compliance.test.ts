import { createNodeTransport } from "../../src/node/index.ts";
import { complianceOf, testLimits } from "../compliance.ts";

complianceOf("node", () =>
  Promise.resolve({
    left: createNodeTransport({ limits: testLimits }),
    right: createNodeTransport({ limits: testLimits }),
    leftAddress: { host: "127.0.0.1", port: 0 },
    rightAddress: { host: "127.0.0.1", port: 0 },
    limits: testLimits,
  }),
);
