/**
 * Compliance cases and a benchmark for any {@link RaftStore}; crash cases, and a file system with faults, for those that
 * keep their data through a {@link Vfs}. No test framework needed.
 * @packageDocumentation
 */
export type { AppendBenchOptions, AppendBenchResult } from "./bench.ts";
export type { ComplianceCase, StoreUnderTest } from "./case.ts";
export type { CrashCase, CrashSubject } from "./crash.ts";
export type { FaultVfs, FaultVfsOptions, VfsFault, VfsOperation } from "./fault-vfs.ts";
export { benchAppends, fillStore } from "./bench.ts";
export { complianceCases } from "./compliance.ts";
export { crashCases, runCrashSeed } from "./crash.ts";
export { createFaultVfs } from "./fault-vfs.ts";
