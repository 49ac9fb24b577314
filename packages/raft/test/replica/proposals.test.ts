import { expect, it } from "vitest";
import { Proposals } from "../../src/replica/proposals.ts";
import { text } from "../register.ts";

const limits = {
  pendingProposalsMax: 10,
  pendingBytesMax: 1_000,
  applyQueueBytesMax: 1_000,
  inboundBytesMax: 1_000,
  snapshotBytesMax: 1_000,
};

it("proposals are settled also when handing them over breaks", async () => {
  const proposals = new Proposals(limits);
  const call = proposals.add(text("a"), undefined);
  const breaks = () =>
    proposals.flush(() => {
      throw new RangeError("a bug");
    });
  expect(breaks).toThrow("a bug");
  proposals.stop();
  await expect(call).rejects.toMatchObject({ code: "stopped", outcome: "refused" });
  expect(proposals.count).toBe(0);
});
