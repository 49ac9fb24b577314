import { createMemoryNetwork } from "../../src/memory/index.ts";
import { complianceOf, testLimits } from "../compliance.ts";

for (const latencyMs of [0, 1]) {
  complianceOf(`memory, latency ${latencyMs} ms`, () => {
    const network = createMemoryNetwork({ limits: testLimits, latencyMs });
    return Promise.resolve({
      left: network.transport("left"),
      right: network.transport("right"),
      leftAddress: { host: "left", port: 0 },
      rightAddress: { host: "right", port: 0 },
      limits: testLimits,
    });
  });
}
