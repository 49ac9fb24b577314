import { createMemoryNetwork } from "../../src/memory/index.ts";
import { createNodeTransport } from "../../src/node/index.ts";
import { createSealedTransport } from "../../src/sealed/index.ts";
import type { Transport } from "../../src/index.ts";
import { complianceOf, testLimits } from "../compliance.ts";

const innerLimits = {
  ...testLimits,
  frameBytesMax: testLimits.frameBytesMax + 64,
  datagramBytesMax: testLimits.datagramBytesMax + 64,
};

const seal = (inner: Transport): Transport =>
  createSealedTransport(inner, {
    keys: [{ id: "node", secret: new Uint8Array(32).fill(7) }],
    limits: testLimits,
  });

complianceOf("sealed over memory", () => {
  const network = createMemoryNetwork({ limits: innerLimits });
  return Promise.resolve({
    left: seal(network.transport("left")),
    right: seal(network.transport("right")),
    leftAddress: { host: "left", port: 0 },
    rightAddress: { host: "right", port: 0 },
    limits: testLimits,
  });
});

complianceOf("sealed over node", () =>
  Promise.resolve({
    left: seal(createNodeTransport({ limits: innerLimits })),
    right: seal(createNodeTransport({ limits: innerLimits })),
    leftAddress: { host: "127.0.0.1", port: 0 },
    rightAddress: { host: "127.0.0.1", port: 0 },
    limits: testLimits,
  }),
);
