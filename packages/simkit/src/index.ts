/**
 * Seeded random numbers, virtual clock, simulated network and disk, histories: the parts of a deterministic simulation.
 * Pure: no platform, no imports; the same seed gives the same history, to the bit.
 * @packageDocumentation
 */
export { createSimulatedDisk } from "./disk.ts";
export { drawFaultPlan, noFaults, noNetworkFaults } from "./fault-plan.ts";
export { createHistory } from "./history.ts";
export { InvariantError } from "./internal/assert.ts";
export {
  eventsMaxDefault,
  failuresMaxDefault,
  fileBytesMax,
  historyLinesMaxDefault,
  linearizationStatesMaxDefault,
} from "./limits.ts";
export { checkLinearizable } from "./linearizability/check.ts";
export { mapModel, registerModel, versionedStoreModel } from "./linearizability/models.ts";
export { createPacketSimulator } from "./packet-simulator.ts";
export { createRandom } from "./prng.ts";
export { runSeeds } from "./runner.ts";
export { createScheduler } from "./scheduler.ts";
export { createVirtualClock } from "./virtual-clock.ts";

export type { SimulatedDisk, SimulatedDiskOptions } from "./disk.ts";
export type {
  DiskFaults,
  FaultPlan,
  FaultPlanBounds,
  NetworkFaults,
  ProcessFaults,
} from "./fault-plan.ts";
export type { History } from "./history.ts";
export type { Verdict } from "./linearizability/check.ts";
export type {
  MapInput,
  RegisterInput,
  RegisterOutput,
  VersionedInput,
  VersionedObject,
  VersionedOutput,
} from "./linearizability/models.ts";
export type { Operation, SequentialModel } from "./linearizability/operation.ts";
export type { PacketCounts, PacketSimulator, PacketSimulatorOptions } from "./packet-simulator.ts";
export type { Random } from "./prng.ts";
export type { RunSeedsOptions, RunSummary, SeedFailure, SeedOutcome } from "./runner.ts";
export type { Scheduler, SchedulerOptions } from "./scheduler.ts";
export type { VirtualClock } from "./virtual-clock.ts";
