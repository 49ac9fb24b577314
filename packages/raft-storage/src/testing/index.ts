/**
 * Compliance cases for any {@link RaftStore}, and a file system with faults for the file store. No test framework needed.
 * @packageDocumentation
 */
export type { ComplianceCase, StoreUnderTest } from "./case.ts";
export type { FaultVfs, FaultVfsOptions, VfsFault, VfsOperation } from "./fault-vfs.ts";
export { complianceCases } from "./compliance.ts";
export { createFaultVfs } from "./fault-vfs.ts";
