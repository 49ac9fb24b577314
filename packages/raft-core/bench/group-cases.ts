import type { BenchCase } from "./bench-case.ts";
import { BenchGroup } from "./group.ts";

const PAYLOAD_BYTES = 256;
/** Entries per call at least, so that reading the clock costs nothing beside them. */
const ENTRIES_PER_CALL = 64;
/** About ten ticks a second at full speed, as a driver that ticks every 100 ms. */
const PROPOSALS_PER_TICK = 64;

/**
 * Entries that all three members have applied, proposed in batches of `size`, one batch after the other: the next one is
 * proposed when the last one is applied everywhere, so that nothing of the work is left out.
 */
function groupCase(size: number): BenchCase {
  const batch = Array.from({ length: size }, () => new Uint8Array(PAYLOAD_BYTES).fill(size));
  const proposalsPerCall = Math.ceil(ENTRIES_PER_CALL / size);
  let group: BenchGroup | undefined;
  let proposals = 0;
  let readies = 0;
  return {
    name: `three members, batches of ${size}`,
    operationsPerCall: size * proposalsPerCall,
    run(): void {
      group ??= new BenchGroup();
      for (let done = 0; done < proposalsPerCall; done += 1) {
        readies += group.propose(batch);
        proposals += 1;
        if (proposals % PROPOSALS_PER_TICK === 0) group.tick();
      }
    },
    details: () => ({ readysPerProposal: readies / proposals }),
  };
}

export const groupCases: readonly BenchCase[] = [1, 64, 512].map(groupCase);
