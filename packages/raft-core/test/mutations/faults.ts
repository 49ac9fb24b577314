import type { Fault } from "./fault.ts";
import { COMMIT } from "./faults/commit.ts";
import { LOG } from "./faults/log.ts";
import { MEMBERSHIP } from "./faults/membership.ts";
import { PROGRESS } from "./faults/progress.ts";
import { READS } from "./faults/reads.ts";
import { SNAPSHOTS } from "./faults/snapshots.ts";
import { TRANSFER } from "./faults/transfer.ts";
import { VOTES } from "./faults/votes.ts";

/** All faults, by the file that holds their tests: `<key>.test.ts`. */
export const FAULTS: Readonly<Record<string, readonly Fault[]>> = {
  votes: VOTES,
  commit: COMMIT,
  membership: MEMBERSHIP,
  progress: PROGRESS,
  snapshots: SNAPSHOTS,
  transfer: TRANSFER,
  reads: READS,
  log: LOG,
};
