/**
 * Compliance cases and a benchmark for any {@link RaftStore}, and a file system with faults for the file store. No test
 * framework needed.
 * @packageDocumentation
 */
export type { AppendBenchOptions, AppendBenchResult } from "./bench.ts";
export type { ComplianceCase, StoreUnderTest } from "./case.ts";
export type { FaultVfs, FaultVfsOptions, VfsFault, VfsOperation } from "./fault-vfs.ts";
export { benchAppends, fillStore } from "./bench.ts";
export { complianceCases } from "./compliance.ts";
export { createFaultVfs } from "./fault-vfs.ts";
