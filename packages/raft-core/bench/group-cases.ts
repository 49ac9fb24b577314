import type { BenchCase } from "./bench-case.ts";
import { BenchGroup } from "./group.ts";

const PAYLOAD_BYTES = 256;
/** Entries per call at least, so that reading the clock costs nothing beside them. */
const ENTRIES_PER_CALL = 64;
/** About ten ticks a second at full speed, as a driver that ticks every 100 ms. */
const ROUNDS_PER_TICK = 64;

interface GroupSettings {
  readonly name: string;
  /** Entries in a proposal. */
  readonly batch: number;
  /** Proposals between two Readys. */
  readonly atOnce: number;
  readonly batchAppends: boolean;
}

/**
 * Entries that all three members have applied. The next proposals are made when the last are applied everywhere, so that
 * nothing of the work is left out.
 */
function groupCase({ name, batch: size, atOnce, batchAppends }: GroupSettings): BenchCase {
  const batch = Array.from({ length: size }, () => new Uint8Array(PAYLOAD_BYTES).fill(size));
  const rounds = Math.ceil(ENTRIES_PER_CALL / (size * atOnce));
  let group: BenchGroup | undefined;
  let roundsDone = 0;
  let readies = 0;
  return {
    name: `three members, ${name}`,
    operationsPerCall: size * atOnce * rounds,
    run(): void {
      group ??= new BenchGroup({ batchAppends });
      for (let done = 0; done < rounds; done += 1) {
        readies += group.propose(batch, atOnce);
        roundsDone += 1;
        if (roundsDone % ROUNDS_PER_TICK === 0) group.tick();
      }
    },
    details: () => ({ readysPerProposal: readies / (roundsDone * atOnce) }),
  };
}

export const groupCases: readonly BenchCase[] = [
  ...[1, 64, 512].map((batch) =>
    groupCase({ name: `batches of ${batch}`, batch, atOnce: 1, batchAppends: false }),
  ),
  groupCase({ name: "64 proposals at once", batch: 1, atOnce: 64, batchAppends: false }),
  groupCase({ name: "64 proposals at once, joined", batch: 1, atOnce: 64, batchAppends: true }),
];
